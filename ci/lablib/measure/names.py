# SPDX-License-Identifier: GPL-2.0
"""Which functions mean what. Xen's unless said."""

COMPONENTS = ("xen", "dom0_kernel", "dom0_user", "domu_kernel", "domu_user",
              "idle", "spin", "poll")
CACHE_EVENTS = ("l1i", "l1d", "l2", "llc", "c2c", "upgrades")

# Running nothing.
IDLE = {"idle_loop", "default_idle", "mwait_idle", "acpi_processor_idle",
        "acpi_idle_do_entry", "update_idle_stats", "rcu_idle_enter",
        "rcu_idle_exit"}

# A lock that is free costs this; what exceeds it, the host's scheduling of
# the emulated CPUs has caused.
LOCKS = {"_spin_lock", "_spin_lock_cb", "_spin_lock_irq",
         "_spin_lock_irqsave", "_spin_lock_recursive"}
LOCK_INSTRUCTIONS = 12
# Linux's: nothing but waiting.
KERNEL_SPIN = {"native_queued_spin_lock_slowpath",
               "__pv_queued_spin_lock_slowpath"}

# do_NAME is the hypercall NAME.
HYPERCALLS = {
    "callback_op", "console_io", "dm_op", "domctl", "event_channel_op",
    "fpu_taskswitch", "get_debugreg", "grant_table_op", "hvm_op",
    "hypfs_op", "iret", "kexec_op", "memory_op", "mmu_update", "mmuext_op",
    "multicall", "nmi_op", "physdev_op", "platform_op", "sched_op",
    "set_callbacks", "set_debugreg", "set_gdt", "set_segment_base",
    "set_timer_op", "set_trap_table", "stack_switch", "sysctl",
    "update_descriptor", "update_va_mapping",
    "update_va_mapping_otherdomain", "vcpu_op", "vm_assist", "xen_version",
    "xenoprof_op", "xenpmu_op", "xsm_op",
}

# Called once for each element: (caller, callee).
GRANT_ELEMENTS = {
    "copy": [("gnttab_copy", "memcpy")],
    "map": [("gnttab_map_grant_ref", "rcu_lock_domain_by_id")],
    "unmap": [("gnttab_unmap_grant_ref", "unmap_common"),
              ("gnttab_unmap_and_replace", "unmap_common")],
    "transfer": [("gnttab_transfer", "steal_page")],
}

# Calls of these are these.
EVENTS = {
    "evtchn_send": "sent",
    "context_switch": "context_switches",
    "flush_area_local": "tlb_flushes",
    "flush_area_mask": "flush_requests",
    "invalidate_interrupt": "flush_ipis",
    "switch_cr3_cr4": "cr3_switches",
}
# Linux's entry for events, PV and PVH.
UPCALLS = {"xen_pv_evtchn_do_upcall", "sysvec_xen_hvm_callback"}
# Linux's way to another of its CPUs, one of the events sent.
IPIS = {"xen_send_IPI_one"}
# Linux's clock ticks: work of the time that passes, not of packets.
TICKS = {"update_process_times"}
EMULATED = {
    "read_msr": "rdmsr", "write_msr": "wrmsr", "read_cr": "read_cr",
    "write_cr": "write_cr", "pv_emulate_privileged_op": "privileged",
    "pv_emulate_invalid_op": "invalid_op",
    "do_device_not_available": "device_not_available",
    "pv_ro_page_fault": "page_table_write", "do_page_fault": "page_fault",
    "do_general_protection": "general_protection",
    "svm_vmexit_handler": "vmexit",
}
