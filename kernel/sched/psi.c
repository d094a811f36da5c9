/* SPDX-License-Identifier: MIT */
/*
 * Pressure files: their text, triggers, and /proc/pressure/cpu and io (<jiffy/psi.h>). A trigger is
 * a line "some|full THRESHOLD WINDOW" (microseconds) written to an open file; when within a window
 * the time under pressure grows by the threshold or more, poll(2) reports POLLPRI, at most once a
 * window. Task context, but for the timer, which looks a tenth of the smallest window apart and
 * only while there are triggers.
 *
 * Serialization: trigger_lock (softirq-safe) guards the list and what a trigger counts; psi_lock is
 * taken inside it.
 */
#include <arch/uaccess.h>
#include <jiffy/cred.h>
#include <jiffy/fs.h>
#include <jiffy/init.h>
#include <jiffy/mutex.h>
#include <jiffy/poll.h>
#include <jiffy/proc_fs.h>
#include <jiffy/psi.h>
#include <jiffy/sched.h>
#include <jiffy/seq_file.h>
#include <jiffy/slab.h>
#include <jiffy/spinlock.h>
#include <jiffy/string.h>

#define MIN_WINDOW_US	500000
#define MAX_WINDOW_US	10000000
#define LARGE_WINDOW_US 2000000 /* of which anybody may ask for multiples */
#define CHECK_JIFFIES	max((unsigned long)(HZ / 20), 1UL) /* a tenth of the smallest window */

struct psi_trigger {
	struct list_head list;
	struct psi_group *group;
	enum psi_span span;
	u64 threshold, window; /* ns */
	u64 start, grown_from; /* the window's begin, and the span's sum then */
	u64 last_event;
	bool event;
	wait_queue_head_t wait;
};

static DEFINE_SPINLOCK(trigger_lock);
static LIST_HEAD(triggers);
static struct timer_list trigger_timer;

static int __init set_psi(char *value)
{
	if (*value != '0' && *value != '1')
		return -EINVAL;
	psi_on = psi_counting = *value == '1';
	return 0;
}
early_param("psi=", set_psi);

static void check_trigger(struct psi_trigger *t, u64 sum, u64 now)
{
	if (sum - t->grown_from >= t->threshold &&
	    (!t->last_event || now - t->last_event >= t->window)) {
		t->event = true;
		t->last_event = now;
		wake_up_interruptible_all(&t->wait);
	}
	if (now - t->start >= t->window) {
		t->start = now;
		t->grown_from = sum;
	}
}

static void check_triggers(struct timer_list *timer)
{
	struct psi_total totals[NR_PSI];
	struct psi_trigger *t;

	spin_lock(&trigger_lock);
	list_for_each_entry (t, &triggers, list) {
		psi_get(t->group, totals);
		check_trigger(t, totals[t->span].ns, sched_clock());
	}
	if (!list_empty(&triggers))
		mod_timer(timer, jiffies + CHECK_JIFFIES);
	spin_unlock(&trigger_lock);
}

static void show_line(struct seq_file *m, const char *kind, const struct psi_total *t)
{
	static const int spans[NR_PSI_AVGS] = {10, 60, 300};
	int i;

	seq_puts(m, kind);
	for (i = 0; i < NR_PSI_AVGS; i++)
		seq_printf(m, " avg%d=%lu.%02lu", spans[i], t->avg[i] >> FSHIFT,
			   ((t->avg[i] & ((1UL << FSHIFT) - 1)) * 100) >> FSHIFT);
	seq_printf(m, " total=%llu\n", (unsigned long long)t->ns / NSEC_PER_USEC);
}

void psi_show(struct seq_file *m, struct psi_group *group, enum psi_span some)
{
	struct psi_total totals[NR_PSI];

	psi_get(group, totals);
	show_line(m, "some", &totals[some]);
	show_line(m, "full", &totals[some + 1]);
}

/* 0, or -EINVAL. */
static int parse_trigger(struct psi_trigger *t, char *text, enum psi_span some)
{
	char *kind = strsep(&text, " "), *threshold = strsep(&text, " ");
	unsigned int us, window_us;

	if (!threshold || !text || kstrtouint(threshold, 10, &us) ||
	    kstrtouint(text, 10, &window_us))
		return -EINVAL;
	if (!strcmp(kind, "some"))
		t->span = some;
	else if (!strcmp(kind, "full"))
		t->span = some + 1;
	else
		return -EINVAL;
	if (window_us < MIN_WINDOW_US || window_us > MAX_WINDOW_US || !us || us > window_us)
		return -EINVAL;
	if (window_us % LARGE_WINDOW_US && !capable(CAP_SYS_RESOURCE))
		return -EINVAL;
	t->threshold = us * NSEC_PER_USEC;
	t->window = window_us * NSEC_PER_USEC;
	return 0;
}

struct psi_trigger *psi_trigger_create(struct psi_group *group, enum psi_span some, char *text)
{
	struct psi_trigger *t = kzalloc(sizeof(*t), GFP_KERNEL);
	struct psi_total totals[NR_PSI];
	int err;

	if (!t)
		return ERR_PTR(-ENOMEM);
	err = parse_trigger(t, text, some);
	if (err) {
		kfree(t);
		return ERR_PTR(err);
	}
	t->group = group;
	init_waitqueue_head(&t->wait);
	psi_get(group, totals);
	t->start = sched_clock();
	t->grown_from = totals[t->span].ns;
	spin_lock_bh(&trigger_lock);
	if (list_empty(&triggers))
		mod_timer(&trigger_timer, jiffies + CHECK_JIFFIES);
	list_add(&t->list, &triggers);
	spin_unlock_bh(&trigger_lock);
	return t;
}

void psi_trigger_free(struct psi_trigger *t)
{
	if (!t)
		return;
	spin_lock_bh(&trigger_lock);
	list_del(&t->list);
	spin_unlock_bh(&trigger_lock);
	kfree(t);
}

unsigned int psi_trigger_poll(struct psi_trigger *t, struct file *file,
			      struct poll_table_struct *pt)
{
	unsigned int mask = DEFAULT_POLLMASK;

	if (!t)
		return mask | EPOLLERR | EPOLLPRI;
	poll_wait(file, &t->wait, pt);
	spin_lock_bh(&trigger_lock);
	if (t->event)
		mask |= EPOLLPRI;
	t->event = false;
	spin_unlock_bh(&trigger_lock);
	return mask;
}

/* An open file of /proc/pressure: its trigger, set once. */
struct psi_file {
	struct mutex lock;
	struct psi_trigger *trigger;
};

static enum psi_span some_of(const struct file *file)
{
	return (unsigned long)pde_data(file_inode(file));
}

static int pressure_show(struct seq_file *m, void *v)
{
	psi_show(m, NULL, some_of(m->file));
	return 0;
}

static int pressure_open(struct inode *inode, struct file *file)
{
	struct psi_file *f = kzalloc(sizeof(*f), GFP_KERNEL);
	int err;

	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	err = single_open(file, pressure_show, f);
	if (err)
		kfree(f);
	return err;
}

static struct psi_file *psi_file_of(struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static int pressure_release(struct inode *inode, struct file *file)
{
	struct psi_file *f = psi_file_of(file);

	psi_trigger_free(f->trigger);
	kfree(f);
	return single_release(inode, file);
}

static ssize_t pressure_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	struct psi_file *f = psi_file_of(file);
	struct psi_trigger *t;
	char text[32];
	size_t n = min(len, sizeof(text) - 1);

	if (!n)
		return -EINVAL;
	if (copy_from_user(text, ubuf, n))
		return -EFAULT;
	text[n] = '\0';
	mutex_lock(&f->lock);
	t = f->trigger ? ERR_PTR(-EBUSY) : psi_trigger_create(NULL, some_of(file), strim(text));
	if (!IS_ERR(t))
		WRITE_ONCE(f->trigger, t);
	mutex_unlock(&f->lock);
	return IS_ERR(t) ? PTR_ERR(t) : (ssize_t)len;
}

static __poll_t pressure_poll(struct file *file, struct poll_table_struct *pt)
{
	return psi_trigger_poll(READ_ONCE(psi_file_of(file)->trigger), file, pt);
}

static const struct file_operations pressure_fops = {
    .open = pressure_open,
    .read_iter = seq_read_iter,
    .write = pressure_write,
    .poll = pressure_poll,
    .llseek = seq_lseek,
    .release = pressure_release,
};

static int __init psi_init(void)
{
	timer_setup(&trigger_timer, check_triggers, 0);
	if (!psi_on)
		return 0;
	if (!proc_mkdir("pressure", NULL) ||
	    !proc_create_data("pressure/cpu", 0666, NULL, &pressure_fops, (void *)PSI_CPU_SOME) ||
	    !proc_create_data("pressure/io", 0666, NULL, &pressure_fops, (void *)PSI_IO_SOME))
		return -ENOMEM;
	return 0;
}
device_initcall(psi_init);
