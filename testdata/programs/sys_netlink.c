// A netlink socket lists the interfaces: the loopback one is there, in a message of several parts.
#include "prog.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(void)
{
	int s = must(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "socket");
	struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} req = {{NLMSG_LENGTH(sizeof(struct rtgenmsg)), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 7}, {AF_UNSPEC}};
	static char buf[65536] __attribute__((aligned(8)));
	must(send(s, &req, req.h.nlmsg_len, 0), "send");
	int loopback = 0, done = 0;
	while (!done) {
		int n = must(recv(s, buf, sizeof buf, 0), "recv");
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE)
				done = 1;
			else if (h->nlmsg_type == RTM_NEWLINK)
				loopback += ((struct ifinfomsg *)NLMSG_DATA(h))->ifi_flags & IFF_LOOPBACK ? 1 : 0;
		}
	}
	printf("loopback %d\n", loopback);
	struct ifreq r = {.ifr_name = "lo"};
	int u = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	result("SIOCGIFFLAGS", ioctl(u, SIOCGIFFLAGS, &r));
	printf("loopback %d\n", !!(r.ifr_flags & IFF_LOOPBACK));
	result("SIOCGIFINDEX", ioctl(u, SIOCGIFINDEX, &r));
	check(if_nametoindex("lo") == r.ifr_ifindex, "index");
	char names[4096];
	struct ifconf c = {.ifc_len = sizeof names, .ifc_buf = names};
	result("SIOCGIFCONF", ioctl(u, SIOCGIFCONF, &c));
	check(c.ifc_len % sizeof(struct ifreq) == 0, "whole entries");
	strcpy(r.ifr_name, "nosuch");
	result("unknown", ioctl(u, SIOCGIFFLAGS, &r));
}
