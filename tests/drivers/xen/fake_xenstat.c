/*
 * A libxenstat that takes its domains from the file "domains" beside it, one to a line:
 *
 *     host CPUS TOTAL FREE VERSION
 *     domain ID NAME FLAGS CPU_NS CUR_MEM MAX_MEM NUM_VCPUS [ONLINE:NS ...]
 *     fails ERRNO              every reading fails
 *     refuses ERRNO            connecting fails
 *     hangs 1                  every reading waits until this line is gone
 *
 * FLAGS are the letters d c s p b r, or "-". A NAME of "-" is none. It does what the real one does (4.17):
 * pages with the number of domains so far as the first id of the next page, leaves out domains without a name, prints
 * what it does not like, and has no vCPUs of a node that was not asked for them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 256
#define MOST 4096
#define EXPORT __attribute__((visibility("default")))

typedef unsigned long long u64;
typedef struct { unsigned online; u64 ns; } vcpu;
typedef struct {
	unsigned id, num_vcpus;
	char name[64], flags[16];
	u64 cpu_ns, cur_mem, max_mem;
	vcpu *vcpus;
} domain;
typedef struct { int opened; } handle;
typedef struct { unsigned cpus, num; u64 total, free; unsigned flags; domain *domains; } node;

static char version[64];

static int next_word(char **at, char *word, size_t size)
{
	int used = 0;
	char format[16];
	snprintf(format, sizeof format, "%%%zus%%n", size - 1);
	if (sscanf(*at, format, word, &used) != 1)
		return 0;
	*at += used;
	return 1;
}

static FILE *opened(void)
{
	Dl_info info;
	char path[4096], *slash;
	if (!dladdr((void *)opened, &info))
		return NULL;
	snprintf(path, sizeof path - 8, "%s", info.dli_fname);
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, "domains");
	return fopen(path, "r");
}

/* Every domain of the file by ascending id; the errno of a line "what ERRNO" if there is one. */
static domain *load(unsigned *count, node *host, const char *what, int *error)
{
	domain *all = calloc(MOST, sizeof *all);
	char *line = NULL, word[64];
	size_t room = 0;
	FILE *file = opened();
	*count = 0;
	*error = 0;
	while (file && getline(&line, &room, file) > 0) {
		char *at = line;
		if (!next_word(&at, word, sizeof word))
			continue;
		if (!strcmp(word, what)) {
			*error = atoi(at);
		} else if (!strcmp(word, "host") && host) {
			sscanf(at, "%u %llu %llu %63s", &host->cpus, &host->total, &host->free, version);
		} else if (!strcmp(word, "domain") && *count < MOST) {
			domain *one = &all[(*count)++];
			int used = 0;
			sscanf(at, "%u %63s %15s %llu %llu %llu %u%n", &one->id, one->name, one->flags, &one->cpu_ns,
			       &one->cur_mem, &one->max_mem, &one->num_vcpus, &used);
			at += used;
			one->vcpus = calloc(one->num_vcpus + 1, sizeof(vcpu));
			for (unsigned i = 0; i < one->num_vcpus && next_word(&at, word, sizeof word); i++)
				sscanf(word, "%u:%llu", &one->vcpus[i].online, &one->vcpus[i].ns);
		}
	}
	free(line);
	if (file)
		fclose(file);
	return all;
}

EXPORT handle *xenstat_init(void)
{
	unsigned count;
	int error;
	free(load(&count, NULL, "refuses", &error));
	if (error) {
		errno = error;
		perror("xc_interface_open");
		return NULL;
	}
	return calloc(1, sizeof(handle));
}

EXPORT void xenstat_uninit(handle *h) { free(h); }

EXPORT node *xenstat_get_node(handle *h, unsigned flags)
{
	unsigned count;
	int error;
	node *n = calloc(1, sizeof *n);
	domain *all;
	unsigned page;
	(void)h;
	for (free(load(&count, NULL, "hangs", &error)); error; free(load(&count, NULL, "hangs", &error)))
		usleep(10000);
	all = load(&count, n, "fails", &error);
	if (flags & (0x2 | 0x8))
		fprintf(stderr, "Found interface vif9.0 but domain 9 does not exist.\n");
	if (error) {
		free(all);
		free(n);
		errno = error;
		return NULL;
	}
	n->flags = flags;
	n->domains = malloc(sizeof(domain));
	do {
		unsigned first = n->num;
		page = 0;
		for (unsigned i = 0; i < count && page < PAGE; i++) {
			if (all[i].id < first)
				continue;
			page++;
			if (!strcmp(all[i].name, "-"))
				continue;
			n->domains = realloc(n->domains, (n->num + 1) * sizeof(domain));
			n->domains[n->num++] = all[i];
		}
	} while (page == PAGE);
	free(all);
	return n;
}

EXPORT void xenstat_free_node(node *n)
{
	free(n->domains);
	free(n);
}

EXPORT const char *xenstat_node_xen_version(node *n) { return n->flags & 0x4 ? version : NULL; }
EXPORT u64 xenstat_node_tot_mem(node *n) { return n->total; }
EXPORT u64 xenstat_node_free_mem(node *n) { return n->free; }
EXPORT unsigned xenstat_node_num_cpus(node *n) { return n->cpus; }
EXPORT unsigned xenstat_node_num_domains(node *n) { return n->num; }

EXPORT domain *xenstat_node_domain_by_index(node *n, unsigned index)
{
	for (unsigned i = 0; i < n->num; i++)
		if (!(n->flags & 0x1))
			n->domains[i].vcpus = NULL;
	return index < n->num ? &n->domains[index] : NULL;
}

EXPORT unsigned xenstat_domain_id(domain *d) { return d->id; }
EXPORT char *xenstat_domain_name(domain *d) { return d->name; }
EXPORT u64 xenstat_domain_cpu_ns(domain *d) { return d->cpu_ns; }
EXPORT u64 xenstat_domain_cur_mem(domain *d) { return d->cur_mem; }
EXPORT u64 xenstat_domain_max_mem(domain *d) { return d->max_mem; }
EXPORT unsigned xenstat_domain_num_vcpus(domain *d) { return d->num_vcpus; }

/* Of a node without vCPUs this is a wild pointer, as in the real one. */
EXPORT vcpu *xenstat_domain_vcpu(domain *d, unsigned index)
{
	return index < d->num_vcpus ? &d->vcpus[index] : NULL;
}

static unsigned has(domain *d, char flag) { return strchr(d->flags, flag) != NULL; }

EXPORT unsigned xenstat_domain_dying(domain *d) { return has(d, 'd'); }
EXPORT unsigned xenstat_domain_crashed(domain *d) { return has(d, 'c'); }
EXPORT unsigned xenstat_domain_shutdown(domain *d) { return has(d, 's'); }
EXPORT unsigned xenstat_domain_paused(domain *d) { return has(d, 'p'); }
EXPORT unsigned xenstat_domain_blocked(domain *d) { return has(d, 'b'); }
EXPORT unsigned xenstat_domain_running(domain *d) { return has(d, 'r'); }
EXPORT unsigned xenstat_vcpu_online(vcpu *v) { return v->online; }
EXPORT u64 xenstat_vcpu_ns(vcpu *v) { return v->ns; }
