// ioctls of network interfaces, on the loopback interface and on none.
#include "prog.h"
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <linux/ethtool.h>

static int s;

static void get(const char *what, unsigned long req, const char *name)
{
	struct ifreq r[2];
	memset(r, 0x55, sizeof r);
	strcpy(r[0].ifr_name, name);
	result(what, ioctl(s, req, r));
	printf("  the rest untouched: %d\n", ((char *)&r[1])[0] == 0x55);
}

int main(void)
{
	s = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
	get("SIOCGIFFLAGS", SIOCGIFFLAGS, "lo");
	get("SIOCGIFADDR", SIOCGIFADDR, "lo");
	get("SIOCGIFNETMASK", SIOCGIFNETMASK, "lo");
	get("SIOCGIFMTU", SIOCGIFMTU, "lo");
	get("SIOCGIFINDEX", SIOCGIFINDEX, "lo");
	get("SIOCGIFHWADDR", SIOCGIFHWADDR, "lo");
	get("SIOCGIFTXQLEN", SIOCGIFTXQLEN, "lo");
	get("SIOCGIFMAP", SIOCGIFMAP, "lo");
	get("SIOCGIFFLAGS of none", SIOCGIFFLAGS, "none0");
	get("SIOCGIFBRDADDR of none", SIOCGIFBRDADDR, "none0");
	struct ifreq r[16];
	struct ifconf c = {.ifc_len = sizeof r, .ifc_req = r};
	memset(r, 0x55, sizeof r);
	result("SIOCGIFCONF", ioctl(s, SIOCGIFCONF, &c));
	int found = 0;
	for (unsigned i = 0; i < c.ifc_len / sizeof *r; i++)
		found += !strcmp(r[i].ifr_name, "lo");
	printf("lo %d times\n", found);
	c = (struct ifconf){.ifc_len = 0};
	result("SIOCGIFCONF length", ioctl(s, SIOCGIFCONF, &c));
	check(c.ifc_len > 0 && c.ifc_len % sizeof *r == 0, "length");
	struct ethtool_drvinfo d = {.cmd = ETHTOOL_GDRVINFO};
	memset(r, 0, sizeof *r);
	strcpy(r[0].ifr_name, "lo");
	r[0].ifr_data = (void *)&d;
	int e = ioctl(s, SIOCETHTOOL, r);
	printf("SIOCETHTOOL %d [%s]\n", e, d.driver);
	struct timeval t = {-1, -1};
	result("SIOCGSTAMP", ioctl(s, SIOCGSTAMP_OLD, &t));
	int n = -1;
	result("SIOCINQ", ioctl(s, SIOCINQ, &n));
	printf("%d\n", n);
	n = -1;
	result("SIOCOUTQ", ioctl(s, SIOCOUTQ, &n));
	printf("%d\n", n);
	result("SIOCATMARK", ioctl(s, SIOCATMARK, &n));
	result("FIONBIO", ioctl(s, FIONBIO, &(int){1}));
}
