/* SPDX-License-Identifier: MIT */
/* Between nsproxy.c, the kinds of namespaces, and nsfs.c. */
#ifndef PROCESS_NS_H
#define PROCESS_NS_H

#include <jiffy/cgroup.h>
#include <jiffy/nsproxy.h>

struct file;

/* utsname.c */
struct uts_namespace *copy_utsname(unsigned long flags, struct user_namespace *user_ns,
				   struct uts_namespace *old);
void put_uts_ns(struct uts_namespace *ns);

/* small_ns.c: namespaces that only have a number so far, and time offsets. */
struct net *copy_net_ns(unsigned long flags, struct user_namespace *user_ns, struct net *old);
struct time_namespace *copy_time_ns(unsigned long flags, struct user_namespace *user_ns,
				    struct time_namespace *old);
struct time_namespace *get_time_ns(struct time_namespace *ns);
void put_time_ns(struct time_namespace *ns);

/* nsfs.c: the namespace behind an open /proc/PID/ns file, NULL when it is another file. */
struct ns_common *ns_of_file(const struct file *file);

#endif
