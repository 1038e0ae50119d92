/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Switching stacks in assembly.
 *
 * A switch pushes the registers that a function must preserve, exchanges the
 * stack pointer, and pops the registers of the other stack.  Both stacks have
 * the same layout then, so the same unwind rules hold before and after the
 * exchange.  The control words of floating point (rounding, traps) belong to
 * the thread and are not switched.
 *
 * The switch ends with `pop` and `jmp` instead of `ret`.  The processor
 * predicts that a return goes where the last call came from, which is on the
 * stack that was just left, and a wrong prediction costs more than the rest of
 * the switch.  For the same reason the callers call the switch last, so that
 * the compiler turns the call into a jump: then no `ret` is between the switch
 * and the caller of coroutine_enter() or coroutine_yield().
 *
 * A shadow stack (CET, GCS) would not follow the switch.  This file is compiled
 * without the mark that code is compatible with one, and a program that
 * contains such a file runs without a shadow stack.
 */
#include "aio/coroutine/coroutine-switch-internal.h"

#include <stdint.h>

#if defined(__x86_64__) && defined(__LP64__)

__asm__(
    ".pushsection .text\n"
    ".p2align 4\n"
    ".globl coroutine_switch_stack\n"
    ".hidden coroutine_switch_stack\n"
    ".type coroutine_switch_stack, @function\n"
    "coroutine_switch_stack:\n"
    ".cfi_startproc\n"
    "    pushq %rbp\n"
    "    .cfi_adjust_cfa_offset 8\n"
    "    .cfi_rel_offset rbp, 0\n"
    "    pushq %rbx\n"
    "    .cfi_adjust_cfa_offset 8\n"
    "    .cfi_rel_offset rbx, 0\n"
    "    pushq %r12\n"
    "    .cfi_adjust_cfa_offset 8\n"
    "    .cfi_rel_offset r12, 0\n"
    "    pushq %r13\n"
    "    .cfi_adjust_cfa_offset 8\n"
    "    .cfi_rel_offset r13, 0\n"
    "    pushq %r14\n"
    "    .cfi_adjust_cfa_offset 8\n"
    "    .cfi_rel_offset r14, 0\n"
    "    pushq %r15\n"
    "    .cfi_adjust_cfa_offset 8\n"
    "    .cfi_rel_offset r15, 0\n"
    "    movq %rsp, (%rdi)\n"
    "    movq %rsi, %rsp\n"
    "    popq %r15\n"
    "    .cfi_adjust_cfa_offset -8\n"
    "    .cfi_restore r15\n"
    "    popq %r14\n"
    "    .cfi_adjust_cfa_offset -8\n"
    "    .cfi_restore r14\n"
    "    popq %r13\n"
    "    .cfi_adjust_cfa_offset -8\n"
    "    .cfi_restore r13\n"
    "    popq %r12\n"
    "    .cfi_adjust_cfa_offset -8\n"
    "    .cfi_restore r12\n"
    "    popq %rbx\n"
    "    .cfi_adjust_cfa_offset -8\n"
    "    .cfi_restore rbx\n"
    "    popq %rbp\n"
    "    .cfi_adjust_cfa_offset -8\n"
    "    .cfi_restore rbp\n"
    "    popq %rcx\n"
    "    .cfi_adjust_cfa_offset -8\n"
    "    .cfi_register rip, rcx\n"
    "    jmpq *%rcx\n"
    ".cfi_endproc\n"
    ".size coroutine_switch_stack, . - coroutine_switch_stack\n"
    ".popsection\n");

/* rbp of 0 and a return address of 0 end a backtrace. */
typedef struct FirstFrame {
    uint64_t preserved[6];
    void (*start)(void);
    uint64_t return_address; /* rsp at @start: 16n + 8 */
} FirstFrame;

void *coroutine_init_stack(void *bottom, size_t size, void (*start)(void))
{
    uintptr_t top = ((uintptr_t)bottom + size) & ~(uintptr_t)15;
    FirstFrame *frame = (FirstFrame *)(top - sizeof(FirstFrame));

    *frame = (FirstFrame) { .start = start };
    return frame;
}

#elif defined(__aarch64__)

__asm__(
    ".pushsection .text\n"
    ".p2align 4\n"
    ".globl coroutine_switch_stack\n"
    ".hidden coroutine_switch_stack\n"
    ".type coroutine_switch_stack, %function\n"
    "coroutine_switch_stack:\n"
    ".cfi_startproc\n"
    "    sub sp, sp, #160\n"
    "    .cfi_adjust_cfa_offset 160\n"
    "    stp x29, x30, [sp, #0]\n"
    "    .cfi_rel_offset x29, 0\n"
    "    .cfi_rel_offset x30, 8\n"
    "    stp x19, x20, [sp, #16]\n"
    "    .cfi_rel_offset x19, 16\n"
    "    .cfi_rel_offset x20, 24\n"
    "    stp x21, x22, [sp, #32]\n"
    "    .cfi_rel_offset x21, 32\n"
    "    .cfi_rel_offset x22, 40\n"
    "    stp x23, x24, [sp, #48]\n"
    "    .cfi_rel_offset x23, 48\n"
    "    .cfi_rel_offset x24, 56\n"
    "    stp x25, x26, [sp, #64]\n"
    "    .cfi_rel_offset x25, 64\n"
    "    .cfi_rel_offset x26, 72\n"
    "    stp x27, x28, [sp, #80]\n"
    "    .cfi_rel_offset x27, 80\n"
    "    .cfi_rel_offset x28, 88\n"
    "    stp d8, d9, [sp, #96]\n"
    "    stp d10, d11, [sp, #112]\n"
    "    stp d12, d13, [sp, #128]\n"
    "    stp d14, d15, [sp, #144]\n"
    "    mov x9, sp\n"
    "    str x9, [x0]\n"
    "    mov sp, x1\n"
    "    ldp x29, x30, [sp, #0]\n"
    "    ldp x19, x20, [sp, #16]\n"
    "    ldp x21, x22, [sp, #32]\n"
    "    ldp x23, x24, [sp, #48]\n"
    "    ldp x25, x26, [sp, #64]\n"
    "    ldp x27, x28, [sp, #80]\n"
    "    ldp d8, d9, [sp, #96]\n"
    "    ldp d10, d11, [sp, #112]\n"
    "    ldp d12, d13, [sp, #128]\n"
    "    ldp d14, d15, [sp, #144]\n"
    "    add sp, sp, #160\n"
    "    .cfi_adjust_cfa_offset -160\n"
    "    br x30\n"
    ".cfi_endproc\n"
    ".size coroutine_switch_stack, . - coroutine_switch_stack\n"
    ".popsection\n");

/* x29 of 0 ends a backtrace. */
typedef struct FirstFrame {
    uint64_t frame_pointer;
    void (*start)(void);
    uint64_t preserved[18];
} FirstFrame;

void *coroutine_init_stack(void *bottom, size_t size, void (*start)(void))
{
    uintptr_t top = ((uintptr_t)bottom + size) & ~(uintptr_t)15;
    FirstFrame *frame = (FirstFrame *)(top - sizeof(FirstFrame));

    *frame = (FirstFrame) { .start = start };
    return frame;
}

#else
#error "set up with -Dcoroutine_backend=ucontext on this processor"
#endif
