/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/kernel/{sem,msg*,shm*} and /proc/sys/fs/mqueue/: the tunables of the caller's own IPC
 * namespace, proc(5). A table names the initial namespace's words; each access is moved to the
 * same word of the caller's. Task context.
 */
#include <jiffy/init.h>
#include <jiffy/sysctl.h>

#include "mqueue.h"
#include "util.h"

static const int ipc_mni_max = IPCMNI;
static const int mq_msg_low = MIN_MSGMAX, mq_msg_high = HARD_MSGMAX;
static const int mq_size_low = MIN_MSGSIZEMAX, mq_size_high = HARD_MSGSIZEMAX;

static struct ctl_table own_table(const struct ctl_table *table)
{
	struct ctl_table own = *table;

	own.data = (char *)current_ipc_ns() + ((char *)table->data - (char *)&init_ipc_ns);
	return own;
}

static int ipc_dointvec(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			loff_t *ppos)
{
	struct ctl_table own = own_table(table);

	return proc_dointvec(&own, write, buffer, lenp, ppos);
}

static int ipc_dointvec_minmax(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			       loff_t *ppos)
{
	struct ctl_table own = own_table(table);

	return proc_dointvec_minmax(&own, write, buffer, lenp, ppos);
}

static int ipc_doulongvec(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			  loff_t *ppos)
{
	struct ctl_table own = own_table(table);

	return proc_doulongvec_minmax(&own, write, buffer, lenp, ppos);
}

static int ipc_rmid_forced(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
			   loff_t *ppos)
{
	int err = ipc_dointvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write && current_ipc_ns()->shm_rmid_forced)
		shm_destroy_orphaned(current_ipc_ns());
	return err;
}

/* Four numbers, of which the last, the number of sets, has an upper bound. */
static int ipc_sem(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
		   loff_t *ppos)
{
	struct ipc_namespace *ns = current_ipc_ns();
	int old = ns->sc_semmni, err = ipc_dointvec(table, write, buffer, lenp, ppos);

	if (!err && write && (ns->sc_semmni < 0 || ns->sc_semmni > IPCMNI)) {
		ns->sc_semmni = old;
		err = -ERANGE;
	}
	return err;
}

#define IPC_CTL(nm, field, handler, lo, hi)                                                      \
	{                                                                                        \
		.procname = nm, .data = &init_ipc_ns.field, .maxlen = sizeof(init_ipc_ns.field), \
		.mode = 0644, .proc_handler = handler, .extra1 = (void *)(lo),                   \
		.extra2 = (void *)(hi)                                                           \
	}
static const struct ctl_table kernel_table[] = {
    IPC_CTL("sem", sem_ctls, ipc_sem, NULL, NULL),
    IPC_CTL("msgmax", msg_ctlmax, ipc_dointvec_minmax, SYSCTL_ZERO, SYSCTL_INT_MAX),
    IPC_CTL("msgmnb", msg_ctlmnb, ipc_dointvec_minmax, SYSCTL_ZERO, SYSCTL_INT_MAX),
    IPC_CTL("msgmni", msg_ctlmni, ipc_dointvec_minmax, SYSCTL_ZERO, &ipc_mni_max),
    IPC_CTL("shmmax", shm_ctlmax, ipc_doulongvec, NULL, NULL),
    IPC_CTL("shmall", shm_ctlall, ipc_doulongvec, NULL, NULL),
    IPC_CTL("shmmni", shm_ctlmni, ipc_dointvec_minmax, SYSCTL_ZERO, &ipc_mni_max),
    IPC_CTL("shm_rmid_forced", shm_rmid_forced, ipc_rmid_forced, SYSCTL_ZERO, SYSCTL_ONE),
    {},
};
static const struct ctl_table mqueue_table[] = {
    IPC_CTL("queues_max", mq_queues_max, ipc_dointvec, NULL, NULL),
    IPC_CTL("msg_max", mq_msg_max, ipc_dointvec_minmax, &mq_msg_low, &mq_msg_high),
    IPC_CTL("msgsize_max", mq_msgsize_max, ipc_dointvec_minmax, &mq_size_low, &mq_size_high),
    IPC_CTL("msg_default", mq_msg_default, ipc_dointvec_minmax, &mq_msg_low, &mq_msg_high),
    IPC_CTL("msgsize_default", mq_msgsize_default, ipc_dointvec_minmax, &mq_size_low,
	    &mq_size_high),
    {},
};

static int ipc_sysctl_init(void)
{
	return register_sysctl("kernel", kernel_table)
		   ?: register_sysctl("fs/mqueue", mqueue_table);
}
device_initcall(ipc_sysctl_init);
