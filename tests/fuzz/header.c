// SPDX-License-Identifier: GPL-2.0
/*
 * Header's end under the fuzzer: any packet, any part of it in reach.
 *
 * Whoever copies the headers copies what is in front of the answer, so nothing
 * behind it may have had a say.
 */
#include "../../include/header.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int end, i;
	u8 *other;

	if (!size)
		return 0;

	end = sn_header_len(data, size);
	if (!end || end > size)
		fuzz_claim("1 to all bytes that are in reach");
	if (end < size && end < SN_PKT_BYTES_MIN)
		fuzz_claim("no less than an Ethernet header");

	other = malloc(size);
	if (!other)
		return 0;
	memcpy(other, data, end);
	for (i = end; i < size; i++)
		other[i] = ~data[i];
	if (sn_header_len(other, size) != end)
		fuzz_claim("what follows the headers has no say");
	free(other);

	return 0;
}
