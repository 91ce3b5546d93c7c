// SPDX-License-Identifier: GPL-2.0
#include <linux/ethtool.h>
#include "../include/conduct.h"

static const char misstep_name[SN_MISSTEPS][ETH_GSTRING_LEN] = {
	[SN_REFUSED]	= "refused",
	[SN_ODD_STATES]	= "odd_states",
};

void sn_conduct_init(struct sn_conduct *conduct)
{
	ratelimit_state_init(&conduct->log, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
}

void sn_conduct_names(u8 **data)
{
	memcpy(*data, misstep_name, sizeof(misstep_name));
	*data += sizeof(misstep_name);
}

void sn_conduct_values(const struct sn_conduct *conduct, u64 **data)
{
	unsigned int i;

	for (i = 0; i < SN_MISSTEPS; i++)
		*(*data)++ = READ_ONCE(conduct->count[i]);
}
