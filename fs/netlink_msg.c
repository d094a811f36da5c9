/* SPDX-License-Identifier: MIT */
/*
 * Netlink messages: from program to program, and from the kernel. netlink(7), send(2), recv(2).
 * Rules: netlink.h. Task context but for netlink_send_reserved() and netlink_drop_reserved().
 */
#include "netlink.h"
#include "unix.h"
#include <jiffy/cred.h>
#include <jiffy/sched.h>
#include <jiffy/slab.h>
#include <uapi/rtnetlink.h>

#define MSG_OVERHEAD 32 /* what a message may be shorter than the send buffer */

static size_t charge_of(const struct netlink_msg *m)
{
	return sizeof(*m) + m->len;
}

/* For a socket that is referenced; the reference is the message's until it is freed. NULL. */
static struct netlink_msg *alloc_msg(struct netlink_sock *to, size_t len)
{
	struct netlink_msg *m = kvmalloc(sizeof(*m) + len, GFP_KERNEL);

	if (!m)
		return NULL;
	*m = (struct netlink_msg){.len = len, .uid = GLOBAL_ROOT_UID, .gid = GLOBAL_ROOT_GID};
	refcount_inc(&to->refcnt);
	m->to = to;
	return m;
}

void netlink_free_msg(struct netlink_msg *m)
{
	netlink_put(m->to);
	put_pid(m->pid);
	kvfree(m);
}

char *netlink_data(struct netlink_msg *m)
{
	return m->data;
}

/* ---- room in a socket's queue ---- */

/* Whether m fits, or nothing else waits. What try_charge() asks, and who sleeps until it may. */
static bool has_room(const struct netlink_msg *m)
{
	size_t rmem = READ_ONCE(m->to->rmem);

	return !rmem || rmem + charge_of(m) <= (size_t)READ_ONCE(m->to->opts.rcvbuf);
}

/* Counts m if there is room. -EAGAIN, -ECONNREFUSED when to was closed. */
static int try_charge(struct netlink_msg *m)
{
	struct netlink_sock *to = m->to;
	int err = 0;

	spin_lock(&to->lock);
	if (to->dead)
		err = -ECONNREFUSED;
	else if (!has_room(m))
		err = -EAGAIN;
	else
		WRITE_ONCE(to->rmem, to->rmem + charge_of(m));
	spin_unlock(&to->lock);
	return err;
}

static int charge(struct netlink_msg *m, long timeo)
{
	int err;

	while ((err = try_charge(m)) == -EAGAIN && timeo) {
		err = sock_wait(&m->to->senders, has_room(m) || READ_ONCE(m->to->dead), 0, &timeo);
		if (err)
			return err;
	}
	return err;
}

static void uncharge(struct netlink_msg *m)
{
	struct netlink_sock *to = m->to;

	spin_lock(&to->lock);
	WRITE_ONCE(to->rmem, to->rmem - charge_of(m));
	spin_unlock(&to->lock);
	if (wq_has_sleeper(&to->senders))
		wake_up_interruptible(&to->senders);
}

/* m, which is counted, is the socket's from now on; gone when that was closed. */
static void enqueue(struct netlink_msg *m)
{
	struct netlink_sock *to = m->to;
	bool dead;

	spin_lock(&to->lock);
	dead = to->dead;
	if (!dead) {
		list_add_tail(&m->node, &to->queue);
		wake_up_interruptible_poll(&to->wait, EPOLLIN | EPOLLRDNORM);
	}
	spin_unlock(&to->lock);
	if (dead)
		netlink_free_msg(m);
}

/* ---- the kernel's notices ---- */

struct netlink_msg *netlink_reserve(struct file *file, size_t len)
{
	struct socket *sock = sock_from_file(file);
	struct netlink_msg *m;
	int err;

	if (!sock)
		return ERR_PTR(-ENOTSOCK);
	if (sock->family != AF_NETLINK)
		return ERR_PTR(-EINVAL);
	m = alloc_msg(netlink_sk(sock), len);
	if (!m)
		return ERR_PTR(-ENOMEM);
	err = charge(m, file->f_flags & O_NONBLOCK ? 0 : MAX_SCHEDULE_TIMEOUT);
	if (!err)
		return m;
	netlink_free_msg(m);
	return ERR_PTR(err);
}

void netlink_send_reserved(struct netlink_msg *m)
{
	enqueue(m);
}

void netlink_drop_reserved(struct netlink_msg *m)
{
	uncharge(m);
	netlink_free_msg(m);
}

/* ---- sending ---- */

/* What a message of nl's says of its sender. */
static void sign(struct netlink_msg *m, struct netlink_sock *nl, u32 groups,
		 const struct scm_cookie *scm)
{
	m->portid = READ_ONCE(nl->portid);
	m->groups = groups;
	m->pid = get_pid(scm->pid ?: task_tgid(current));
	m->uid = uid_valid(scm->uid) ? scm->uid : current_uid();
	m->gid = gid_valid(scm->gid) ? scm->gid : current_gid();
}

static struct netlink_msg *clone_msg(struct netlink_sock *to, const struct netlink_msg *from)
{
	struct netlink_msg *m = alloc_msg(to, from->len);

	if (!m)
		return NULL;
	m->portid = from->portid;
	m->groups = from->groups;
	m->pid = get_pid(from->pid);
	m->uid = from->uid;
	m->gid = from->gid;
	memcpy(m->data, from->data, from->len);
	return m;
}

/*
 * The oldest member of one of the groups that is younger than *last, which becomes its serial;
 * referenced. NULL: no more. Sockets come and go between the calls: by serials, unlike by places
 * in the list, none is passed over or met twice for that.
 */
static struct netlink_sock *next_member(const struct net *net, int protocol, u32 groups, u64 *last)
{
	struct netlink_sock *to, *found = NULL;

	spin_lock(&netlink_lock);
	list_for_each_entry (to, &netlink_socks, node) {
		if (to->serial <= *last || to->net != net || to->protocol != protocol ||
		    !(to->groups & groups))
			continue;
		refcount_inc(&to->refcnt);
		found = to;
		*last = to->serial;
		break;
	}
	spin_unlock(&netlink_lock);
	return found;
}

/* nl was not to be told something: its next call, or poll(2), says ENOBUFS. */
static void lose(struct netlink_sock *nl)
{
	WRITE_ONCE(nl->err, ENOBUFS);
	wake_up_interruptible_poll(&nl->wait, EPOLLERR);
}

/* A copy for to, or NULL: without room for it the member loses it, and is told so (ENOBUFS). */
static void give(struct netlink_sock *to, struct netlink_msg *copy)
{
	if (copy && !try_charge(copy)) {
		enqueue(copy);
		return;
	}
	if (copy)
		netlink_free_msg(copy);
	lose(to);
}

/* A copy to each member but nl. */
static void broadcast(struct netlink_sock *nl, const struct netlink_msg *m)
{
	struct netlink_sock *to;
	u64 last = 0;

	while ((to = next_member(nl->net, nl->protocol, m->groups, &last))) {
		if (to != nl)
			give(to, clone_msg(to, m));
		netlink_put(to);
	}
}

void netlink_notify(struct net *net, u32 group, const char *data, size_t len)
{
	struct netlink_sock *to;
	struct netlink_msg *m;
	u64 last = 0;

	while ((to = next_member(net, NETLINK_ROUTE, group, &last))) {
		m = data ? alloc_msg(to, len) : NULL;
		if (m) {
			m->groups = group;
			memcpy(m->data, data, len);
		}
		give(to, m);
		netlink_put(to);
	}
}

/* The socket at a port that takes messages of nl's, referenced. ERR_PTR(-ECONNREFUSED). */
static struct netlink_sock *find_port(struct netlink_sock *nl, u32 portid)
{
	struct netlink_sock *to, *found = ERR_PTR(-ECONNREFUSED);

	spin_lock(&netlink_lock);
	list_for_each_entry (to, &netlink_socks, node) {
		if (!to->bound || !netlink_reaches(nl, to) || to->portid != portid)
			continue;
		if (!to->connected || to->dst_portid == nl->portid) {
			refcount_inc(&to->refcnt);
			found = to;
		}
		break;
	}
	spin_unlock(&netlink_lock);
	return found;
}

/* Where msg goes: its address, or what the socket is connected to. */
static int find_destination(struct netlink_sock *nl, const struct msghdr *msg, u32 *portid,
			    u32 *groups)
{
	const struct sockaddr_nl *addr = (const struct sockaddr_nl *)msg->msg_name;

	if (!msg->msg_namelen) {
		spin_lock(&netlink_lock);
		*portid = nl->dst_portid;
		*groups = nl->dst_groups;
		spin_unlock(&netlink_lock);
		return 0;
	}
	if (msg->msg_namelen < (int)sizeof(*addr) || addr->nl_family != AF_NETLINK)
		return -EINVAL;
	*portid = addr->nl_pid;
	*groups = netlink_one_group(addr);
	return (*portid || *groups) && !netlink_may_send(nl) ? -EPERM : 0;
}

/* How long the answer's messages from at on are that travel as one: a dump's together, else one. */
static size_t one_datagram(const struct netlink_buf *answer, size_t at)
{
	const struct nlmsghdr *h;
	size_t end = at;

	do {
		h = (const struct nlmsghdr *)(answer->data + end);
		end += NLMSG_ALIGN(h->nlmsg_len);
	} while (end < answer->len && (h->nlmsg_flags & NLM_F_MULTI) &&
		 h->nlmsg_type != NLMSG_DONE);
	return end - at;
}

/* The kernel's len bytes are nl's next message. 0; -ENOMEM, or -EAGAIN without room for them. */
static int tell(struct netlink_sock *nl, const char *data, size_t len)
{
	struct netlink_msg *m = alloc_msg(nl, len);
	int err = m ? try_charge(m) : -ENOMEM;

	if (!err) {
		memcpy(m->data, data, len);
		enqueue(m);
	} else if (m) {
		netlink_free_msg(m);
	}
	return err;
}

/* A request to the kernel, which only NETLINK_ROUTE has: its answers are nl's next messages. */
static ssize_t ask_kernel(struct netlink_sock *nl, struct msghdr *msg, size_t len)
{
	struct netlink_buf answers = {0};
	char *request = kvmalloc(len, GFP_KERNEL);
	size_t at, n;
	int err = -ENOMEM;

	if (!request)
		return err;
	err = copy_from_iter_full(request, len, &msg->msg_iter) ? 0 : -EFAULT;
	if (!err)
		err = rtnetlink_answer(nl->net, READ_ONCE(nl->portid), request, len, &answers);
	for (at = 0; !err && at < answers.len; at += n) {
		n = one_datagram(&answers, at);
		if (tell(nl, answers.data + at, n)) {
			lose(nl);
			break;
		}
	}
	kvfree(answers.data);
	kvfree(request);
	return err ?: (ssize_t)len;
}

static ssize_t send_to(struct netlink_sock *nl, struct msghdr *msg, size_t len, u32 portid,
		       u32 groups, const struct scm_cookie *scm)
{
	struct netlink_sock *to = portid ? find_port(nl, portid) : ERR_PTR(-ECONNREFUSED);
	/* A message to groups alone is built as if for nl itself, and copied from there. */
	struct netlink_msg *m = alloc_msg(IS_ERR(to) ? nl : to, len);
	long timeo = msg->msg_flags & MSG_DONTWAIT ? 0 : READ_ONCE(nl->opts.sndtimeo);
	ssize_t ret = -ENOMEM;

	if (m) {
		sign(m, nl, groups, scm);
		ret = copy_from_iter_full(m->data, len, &msg->msg_iter) ? 0 : -EFAULT;
	}
	if (!ret && groups)
		broadcast(nl, m);
	if (!ret)
		ret = IS_ERR(to) ? PTR_ERR(to) : charge(m, timeo);
	if (!ret)
		enqueue(m);
	else if (m)
		netlink_free_msg(m);
	if (!IS_ERR(to))
		netlink_put(to);
	return ret ?: (ssize_t)len;
}

ssize_t netlink_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct scm_cookie scm = {.uid = INVALID_UID, .gid = INVALID_GID};
	struct netlink_sock *nl = netlink_sk(sock);
	u32 portid, groups;
	ssize_t ret;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (!len)
		return -ENODATA;
	ret = find_destination(nl, msg, &portid, &groups);
	if (!ret && msg->msg_controllen)
		ret = scm_send(msg, &scm);
	if (ret)
		return ret;
	netlink_autobind(nl);
	if (scm.fp) /* descriptors travel by unix domain sockets only */
		ret = -EINVAL;
	else if (len > (size_t)READ_ONCE(nl->opts.sndbuf) - MSG_OVERHEAD)
		ret = -EMSGSIZE;
	else if (!portid && !groups && nl->protocol == NETLINK_ROUTE)
		ret = ask_kernel(nl, msg, len);
	else
		ret = send_to(nl, msg, len, portid, groups, &scm);
	scm_destroy(&scm);
	return ret;
}

/* ---- receiving ---- */

/* The oldest message, which stays on the queue. iolock held but for sleeps. ERR_PTR. */
static struct netlink_msg *next_msg(struct netlink_sock *nl, int flags)
{
	long timeo = flags & MSG_DONTWAIT ? 0 : READ_ONCE(nl->opts.rcvtimeo);
	struct netlink_msg *m;
	int err;

	lockdep_assert_held(&nl->iolock);
	for (;;) {
		err = -xchg(&nl->err, 0);
		if (err)
			return ERR_PTR(err);
		spin_lock(&nl->lock);
		m = list_first_entry_or_null(&nl->queue, struct netlink_msg, node);
		spin_unlock(&nl->lock);
		if (m)
			return m;
		if (!timeo)
			return ERR_PTR(-EAGAIN);
		mutex_unlock(&nl->iolock);
		err =
		    sock_wait(&nl->wait, !list_empty(&nl->queue) || READ_ONCE(nl->err), 1, &timeo);
		mutex_lock(&nl->iolock);
		if (err)
			return ERR_PTR(err);
	}
}

static void put_name(struct msghdr *msg, const struct netlink_msg *m)
{
	struct sockaddr_nl *addr = (struct sockaddr_nl *)msg->msg_name;

	if (!addr)
		return;
	*addr = (struct sockaddr_nl){
	    .nl_family = AF_NETLINK, .nl_pid = m->portid, .nl_groups = m->groups};
	msg->msg_namelen = sizeof(*addr);
}

static void put_ids(struct msghdr *msg, const struct netlink_msg *m)
{
	struct ucred c = {.pid = m->pid ? pid_vnr(m->pid) : 0,
			  .uid = from_kuid_munged(current_user_ns(), m->uid),
			  .gid = from_kgid_munged(current_user_ns(), m->gid)};

	put_cmsg(msg, SOL_SOCKET, SCM_CREDENTIALS, sizeof(c), &c);
}

/* m's bytes and whose they are, for the program. How many bytes, -EFAULT. */
static ssize_t hand_over(struct netlink_sock *nl, struct msghdr *msg, const struct netlink_msg *m,
			 size_t len, int flags)
{
	if (len < m->len)
		msg->msg_flags |= MSG_TRUNC;
	len = min(len, m->len);
	if (!copy_to_iter_full(m->data, len, &msg->msg_iter))
		return -EFAULT;
	put_name(msg, m);
	if (sock_opt_flag(&nl->opts, SOPT_PASSCRED))
		put_ids(msg, m);
	return flags & MSG_TRUNC ? m->len : len;
}

ssize_t netlink_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct netlink_sock *nl = netlink_sk(sock);
	struct netlink_msg *m;
	ssize_t ret;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	mutex_lock(&nl->iolock);
	m = next_msg(nl, flags);
	ret = IS_ERR(m) ? PTR_ERR(m) : hand_over(nl, msg, m, len, flags);
	if (!IS_ERR(m) && !(flags & MSG_PEEK)) {
		spin_lock(&nl->lock);
		list_del(&m->node);
		spin_unlock(&nl->lock);
		uncharge(m);
		netlink_free_msg(m);
	}
	mutex_unlock(&nl->iolock);
	return ret;
}
