//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Tells the thread sanitizer of the lock of Synchronization's Mutex, where threads contend for it.
//
// The quick way of lock and unlock is compiled into our own modules, where the sanitizer sees it. The slow ones are in
// Swift's library, which is not built for the sanitizer, so that it takes what is properly done under a lock for a race.
// script/test tsan puts these in front of them (LD_PRELOAD). The names are those of Swift's ABI:
// Synchronization._MutexHandle._lockSlow(UInt32), _unlockSlow() and _tryLockSlow() -> Bool.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Weak, since programs without the sanitizer get this library as well.
extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

SWIFT void lock_slow(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF void *mutex) {
    ((SWIFT void (*)(uint32_t, SELF void *))dlsym(RTLD_NEXT, LOCK))(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF void *mutex) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF void *mutex) {
    if (__tsan_release) __tsan_release(mutex);
    ((SWIFT void (*)(SELF void *))dlsym(RTLD_NEXT, UNLOCK))(mutex);
}

SWIFT bool try_lock_slow(SELF void *mutex) __asm__(TRY);
SWIFT bool try_lock_slow(SELF void *mutex) {
    bool locked = ((SWIFT bool (*)(SELF void *))dlsym(RTLD_NEXT, TRY))(mutex);
    if (locked && __tsan_acquire) __tsan_acquire(mutex);
    return locked;
}
