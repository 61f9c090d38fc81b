// Hears of the sockets that other processes bind and connect, and answers for the kernel: seccomp's notifications (seccomp_unotify(2)).
//
// The C library has wrappers for none of these calls.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#if defined(__x86_64__)
#define CLINUX_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CLINUX_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifndef __NR_pidfd_open
#define __NR_pidfd_open 434
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif

/// A call of `bind` or `connect` that waits for an answer.
struct clinux_socket_call {
    uint64_t id;
    /// The thread that calls.
    int32_t thread;
    int32_t isBind;
    /// The socket's descriptor there.
    int32_t descriptor;
    uint32_t length;
    /// Where the address of the socket is in its memory.
    uint64_t address;
};

/// Lets `bind` and `connect` of the calling thread, and of processes that it starts from now on, wait for answers.
///
/// Returns the descriptor that tells of them, or a negative error number. It cannot be undone.
static inline int clinux_watch_sockets(void) {
#if defined(CLINUX_ARCHITECTURE)
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLINUX_ARCHITECTURE, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_bind, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_connect, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    struct sock_fprog program = {.len = sizeof(steps) / sizeof(steps[0]), .filter = steps};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
    long descriptor = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    return descriptor < 0 ? -errno : (int)descriptor;
#else
    return -ENOSYS;
#endif
}

/// What a process is started with, and what came of it.
struct clinux_spawning {
    const char *program;
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attributes;
    char *const *arguments;
    char *const *environment;
    pid_t process;
    int watch;
    int error;
};

static inline void *clinux_spawn_on_this_thread(void *argument) {
    struct clinux_spawning *spawning = argument;
    spawning->watch = clinux_watch_sockets();
    if (spawning->watch < 0) {
        spawning->error = -spawning->watch;
        return NULL;
    }
    spawning->error = posix_spawn(
        &spawning->process, spawning->program, spawning->actions, spawning->attributes, spawning->arguments,
        spawning->environment);
    if (spawning->error != 0) close(spawning->watch);
    return NULL;
}

/// Starts a process whose `bind` and `connect` wait for answers, and those of all that it starts. Returns 0 or an error number.
///
/// On a thread of its own that does nothing else and makes no other thread: what it is held to, those that come of it are, too.
static inline int clinux_spawn_watched(struct clinux_spawning *spawning) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, clinux_spawn_on_this_thread, spawning);
    if (error != 0) return error;
    pthread_join(thread, NULL);
    return spawning->error;
}

static inline void *clinux_try_on_this_thread(void *argument) {
    int watch = clinux_watch_sockets();
    if (watch >= 0) close(watch);
    *(int *)argument = watch < 0 ? watch : 0;
    return NULL;
}

/// Whether sockets can be watched here. Returns 0 or a negative error number.
static inline int clinux_try_to_watch_sockets(void) {
    pthread_t thread;
    int result = -EAGAIN;
    if (pthread_create(&thread, NULL, clinux_try_on_this_thread, &result) != 0) return result;
    pthread_join(thread, NULL);
    return result;
}

/// Waits for the next call. Returns 0 or an error number.
static inline int clinux_next_socket_call(int watch, struct clinux_socket_call *call) {
    // A newer kernel's may be longer than the one that this was compiled for.
    union {
        struct seccomp_notif notification;
        char room[1024];
    } next;
    memset(&next, 0, sizeof(next));
    if (ioctl(watch, SECCOMP_IOCTL_NOTIF_RECV, &next.notification) != 0) return errno;
    call->id = next.notification.id;
    call->thread = (int32_t)next.notification.pid;
    call->isBind = next.notification.data.nr == __NR_bind;
    call->descriptor = (int32_t)next.notification.data.args[0];
    call->address = next.notification.data.args[1];
    call->length = (uint32_t)next.notification.data.args[2];
    return 0;
}

/// Whether a call still waits: its process may be gone, and another one have the number.
static inline int clinux_is_waiting(int watch, uint64_t id) { return ioctl(watch, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0; }

/// Answers a call: the kernel makes it as it was, if `goes_on`; else it returns this error number, 0 for success.
static inline int clinux_answer_socket_call(int watch, uint64_t id, int error, int goes_on) {
    union {
        struct seccomp_notif_resp response;
        char room[1024];
    } answer;
    memset(&answer, 0, sizeof(answer));
    answer.response.id = id;
    answer.response.error = goes_on ? 0 : -error;
    answer.response.flags = goes_on ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
    return ioctl(watch, SECCOMP_IOCTL_NOTIF_SEND, &answer.response) == 0 ? 0 : errno;
}

/// Reads the memory of another process. Returns the number of bytes, or a negative error number.
static inline long clinux_read_memory(int thread, uint64_t address, void *bytes, size_t count) {
    struct iovec here = {.iov_base = bytes, .iov_len = count};
    struct iovec there = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
    long result = syscall(__NR_process_vm_readv, thread, &here, 1UL, &there, 1UL, 0UL);
    return result < 0 ? -errno : result;
}

/// A descriptor of another process as one of ours. Returns it, or a negative error number.
static inline int clinux_take_descriptor(int process, int descriptor) {
    int handle = (int)syscall(__NR_pidfd_open, process, 0);
    if (handle < 0) return -errno;
    int taken = (int)syscall(__NR_pidfd_getfd, handle, descriptor, 0);
    int result = taken < 0 ? -errno : taken;
    close(handle);
    return result;
}
