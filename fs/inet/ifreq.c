/* SPDX-License-Identifier: MIT */
/*
 * Requests about interfaces: netdevice(7), by a socket of any family. The only one is lo, which
 * may be switched off and on. Task context.
 */
#include "../netlink.h"
#include "inet.h"
#include <arch/uaccess.h>
#include <uapi/if.h>
#include <uapi/ioctl.h>

unsigned int loopback_flags(const struct net *net)
{
	return IFF_LOOPBACK | (READ_ONCE(net->lo_up) ? IFF_UP | IFF_RUNNING : 0);
}

static void put_v4(struct sockaddr *sa, u32 addr)
{
	*(struct sockaddr_in *)sa =
	    (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(addr)}};
}

/* SIOCGIFCONF: the interfaces that have an IPv4 address; only the size when there is no buffer. */
static int get_conf(const struct net *net, void __user *arg)
{
	struct ifreq lo = {.ifr_name = "lo"};
	struct ifconf conf;

	if (copy_from_user(&conf, arg, sizeof(conf)))
		return -EFAULT;
	put_v4(&lo.ifr_addr, INADDR_LOOPBACK);
	if (!READ_ONCE(net->lo_up)) {
		conf.ifc_len = 0;
	} else if (!conf.ifc_buf) {
		conf.ifc_len = sizeof(lo);
	} else if (conf.ifc_len < (int)sizeof(lo)) {
		conf.ifc_len = 0;
	} else {
		if (copy_to_user(conf.ifc_buf, &lo, sizeof(lo)))
			return -EFAULT;
		conf.ifc_len = sizeof(lo);
	}
	return copy_to_user(arg, &conf, sizeof(conf)) ? -EFAULT : 0;
}

/* What lo is: 0, or -ENOIOCTLCMD for no request of this kind. */
static int get_of_lo(const struct net *net, unsigned int cmd, struct ifreq *ifr)
{
	bool up = READ_ONCE(net->lo_up);

	switch (cmd) {
	case SIOCGIFFLAGS:
		ifr->ifr_flags = loopback_flags(net);
		return 0;
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
		put_v4(&ifr->ifr_addr, INADDR_LOOPBACK);
		return up ? 0 : -EADDRNOTAVAIL;
	case SIOCGIFNETMASK:
		put_v4(&ifr->ifr_addr, INADDR_LOOP_MASK);
		return up ? 0 : -EADDRNOTAVAIL;
	case SIOCGIFBRDADDR:
		put_v4(&ifr->ifr_addr, 0);
		return up ? 0 : -EADDRNOTAVAIL;
	case SIOCGIFMETRIC:
		ifr->ifr_ifindex = 0;
		return 0;
	case SIOCGIFMTU:
		ifr->ifr_mtu = LOOPBACK_MTU;
		return 0;
	case SIOCGIFINDEX:
		ifr->ifr_ifindex = LOOPBACK_IFINDEX;
		return 0;
	case SIOCGIFTXQLEN:
		ifr->ifr_ifindex = LOOPBACK_TXQLEN;
		return 0;
	case SIOCGIFHWADDR:
		ifr->ifr_addr = (struct sockaddr){.sa_family = ARPHRD_LOOPBACK};
		return 0;
	case SIOCGIFMAP: /* it is on no bus */
		memset(ifr->ifr_map, 0, sizeof(ifr->ifr_map));
		return 0;
	}
	return -ENOIOCTLCMD;
}

static DEFINE_MUTEX(switch_mutex); /* lo is told of in the order in which it was switched */

int loopback_set_flags(struct net *net, unsigned int flags)
{
	bool up = flags & IFF_UP;

	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (flags & IFF_OTHERS)
		return -EOPNOTSUPP;
	mutex_lock(&switch_mutex);
	if (net->lo_up != up) {
		WRITE_ONCE(net->lo_up, up);
		rtnetlink_switched(net, up);
	}
	mutex_unlock(&switch_mutex);
	return 0;
}

/* Requests to set what lo has for good. */
static bool sets_of_lo(unsigned int cmd)
{
	switch (cmd) {
	case SIOCSIFADDR:
	case SIOCSIFDSTADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFMETRIC:
	case SIOCSIFMTU:
	case SIOCSIFNAME:
	case SIOCSIFHWADDR:
	case SIOCADDMULTI:
	case SIOCDELMULTI:
	case SIOCDIFADDR:
	case SIOCSIFHWBROADCAST:
	case SIOCSIFTXQLEN:
	case SIOCSIFMAP:
		return true;
	}
	return false;
}

int netdev_ioctl(struct net *net, unsigned int cmd, unsigned long arg)
{
	void __user *uifr = (void __user *)arg;
	struct ifreq ifr;
	int err;

	if (cmd == SIOCGIFCONF)
		return get_conf(net, uifr);
	if (cmd < SIOCGIFNAME || cmd > SIOCSIFMAP)
		return -ENOIOCTLCMD;
	if (copy_from_user(&ifr, uifr, sizeof(ifr)))
		return -EFAULT;
	if (cmd == SIOCGIFNAME) {
		if (ifr.ifr_ifindex != LOOPBACK_IFINDEX)
			return -ENODEV;
		memset(ifr.ifr_name, 0, sizeof(ifr.ifr_name));
		strcpy(ifr.ifr_name, "lo");
		return copy_to_user(uifr, &ifr, sizeof(ifr)) ? -EFAULT : 0;
	}
	ifr.ifr_name[IFNAMSIZ - 1] = '\0';
	if (strcmp(ifr.ifr_name, "lo"))
		return -ENODEV;
	if (cmd == SIOCSIFFLAGS)
		return loopback_set_flags(net, (u16)ifr.ifr_flags);
	err = get_of_lo(net, cmd, &ifr);
	if (sets_of_lo(cmd))
		return ns_capable(net->user_ns, CAP_NET_ADMIN) ? -EOPNOTSUPP : -EPERM;
	return err ?: copy_to_user(uifr, &ifr, sizeof(ifr)) ? -EFAULT : 0;
}
