#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: the calibration once more, where instructions are the machine's clock
# seconds: 900
# shape: measure=1 steady=1 dom0_vcpus=2 xen_extra=sched=credit
# builds: LOOP=y
# judge: yes
. /lab/tests/calibration.sh
