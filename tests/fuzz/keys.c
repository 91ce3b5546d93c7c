// SPDX-License-Identifier: GPL-2.0
/*
 * Negotiation table under the fuzzer: any text for every key.
 *
 * What counts as a number is told here by other means: only digits, and the
 * same text again but for leading zeros when the number is printed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../include/keys.h"
#include "fuzz.h"

/* True if @text is a number of 32 bits. */
static bool is_number(const char *text, u32 *number)
{
	const char *digits = text + strspn(text, "0");
	char again[16];

	if (!*text || strspn(text, "0123456789") != strlen(text) ||
	    strlen(digits) > 10)
		return false;

	*number = strtoull(text, NULL, 10);
	snprintf(again, sizeof(again), "%u", *number);

	return !strcmp(again, *digits ? digits : "0");
}

static void check_key(const struct sn_key *key, const char *text)
{
	u32 number = 0, value = 0xdeadbeef;
	bool readable = is_number(text, &number);
	int err = sn_key_parse(key, text, &value);

	if (key->kind == SN_KEY_FLAG) {
		if (err)
			fuzz_claim("a flag is never an error");
		if (value != (readable ? !!number : key->absent))
			fuzz_claim("a flag is misread");
		return;
	}
	if (!readable || number < key->min || number > key->max) {
		if (err != -EINVAL)
			fuzz_claim("a bad number is taken");
		return;
	}
	if (err || value != number)
		fuzz_claim("a good number is misread");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = malloc(size + 1);
	u32 i;

	if (!text)
		return 0;
	/* On the heap, so that a look past the text's end is seen. */
	memcpy(text, data, size);
	text[size] = 0;

	for (i = 0; i < SN_BACK_KEYS; i++)
		check_key(&sn_back_keys[i], text);
	for (i = 0; i < SN_FRONT_KEYS; i++)
		check_key(&sn_front_keys[i], text);
	for (i = 0; i < SN_QUEUE_KEYS; i++)
		check_key(&sn_queue_keys[i], text);
	free(text);

	return 0;
}
