//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if os(Linux)
import CLinux
import Glibc

/// Readiness of file descriptors through epoll, level-triggered, with a wake-up that any thread may use.
struct Poller: ~Copyable {
    /// One descriptor that became ready, as the token it was registered with.
    struct Event {
        var token: UInt64
        var readable: Bool
        var writable: Bool
    }

    private let epoll: Int32
    private let wakeDescriptor: Int32
    private let buffer: UnsafeMutableBufferPointer<epoll_event>
    private static let wakeToken = UInt64.max

    init() throws(PQError) {
        (self.epoll, self.wakeDescriptor) = try Self.open()
        self.buffer = .allocate(capacity: 256)
        self.control(EPOLL_CTL_ADD, self.wakeDescriptor, EPOLLIN.rawValue, Self.wakeToken)
    }

    private static func open() throws(PQError) -> (epoll: Int32, wake: Int32) {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw PQError.system("epoll_create1", errno) }
        let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wake >= 0 else {
            let code = errno
            close(epoll)
            throw PQError.system("eventfd", code)
        }
        return (epoll, wake)
    }

    deinit {
        close(self.wakeDescriptor)
        close(self.epoll)
        self.buffer.deallocate()
    }

    /// Watches `descriptor`, or changes what is watched.
    ///
    /// libpq may close a socket and get the same number for the next one, so "modify" falls back to "add".
    func watch(_ descriptor: Int32, read: Bool, write: Bool, token: UInt64) {
        let mask = (read ? EPOLLIN.rawValue : 0) | (write ? EPOLLOUT.rawValue : 0)
        if self.control(EPOLL_CTL_MOD, descriptor, mask, token) != 0 {
            self.control(EPOLL_CTL_ADD, descriptor, mask, token)
        }
    }

    func forget(_ descriptor: Int32) {
        self.control(EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    /// Waits for events, at most `milliseconds`; -1 waits without limit.
    func wait(milliseconds: Int32, _ body: (Event) -> Void) {
        let count = epoll_wait(self.epoll, self.buffer.baseAddress, Int32(self.buffer.count), milliseconds)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = self.buffer[index]
            let token = event.data.u64
            if token == Self.wakeToken {
                var value: UInt64 = 0
                _ = read(self.wakeDescriptor, &value, 8)
                continue
            }
            let broken = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
            body(
                Event(
                    token: token,
                    readable: broken || event.events & EPOLLIN.rawValue != 0,
                    writable: broken || event.events & EPOLLOUT.rawValue != 0
                )
            )
        }
    }

    func wakeUp() {
        var one: UInt64 = 1
        _ = write(self.wakeDescriptor, &one, 8)
    }

    @discardableResult
    private func control(_ operation: Int32, _ descriptor: Int32, _ mask: UInt32, _ token: UInt64) -> Int32 {
        var event = epoll_event()
        event.events = mask
        event.data.u64 = token
        return epoll_ctl(self.epoll, operation, descriptor, &event)
    }
}
#elseif canImport(Darwin)
import Darwin

/// Readiness of file descriptors through kqueue, level-triggered, with a wake-up that any thread may use.
struct Poller: ~Copyable {
    /// One descriptor that became ready, as the token it was registered with.
    struct Event {
        var token: UInt64
        var readable: Bool
        var writable: Bool
    }

    private let queue: Int32
    private let buffer: UnsafeMutableBufferPointer<kevent>

    init() throws(PQError) {
        self.queue = try Self.open()
        self.buffer = .allocate(capacity: 256)
        self.change(0, Int16(EVFILT_USER), UInt16(EV_ADD | EV_CLEAR), 0, 0)
    }

    private static func open() throws(PQError) -> Int32 {
        let queue = kqueue()
        guard queue >= 0 else { throw PQError.system("kqueue", errno) }
        return queue
    }

    deinit {
        close(self.queue)
        self.buffer.deallocate()
    }

    /// Watches `descriptor`, or changes what is watched.
    func watch(_ descriptor: Int32, read: Bool, write: Bool, token: UInt64) {
        self.change(UInt(descriptor), Int16(EVFILT_READ), UInt16(read ? EV_ADD : EV_DELETE), 0, token)
        self.change(UInt(descriptor), Int16(EVFILT_WRITE), UInt16(write ? EV_ADD : EV_DELETE), 0, token)
    }

    func forget(_ descriptor: Int32) {
        self.change(UInt(descriptor), Int16(EVFILT_READ), UInt16(EV_DELETE), 0, 0)
        self.change(UInt(descriptor), Int16(EVFILT_WRITE), UInt16(EV_DELETE), 0, 0)
    }

    /// Waits for events, at most `milliseconds`; -1 waits without limit.
    func wait(milliseconds: Int32, _ body: (Event) -> Void) {
        var limit = timespec(tv_sec: Int(milliseconds) / 1000, tv_nsec: Int(milliseconds) % 1000 * 1_000_000)
        let count = withUnsafePointer(to: &limit) { pointer in
            kevent(
                self.queue, nil, 0, self.buffer.baseAddress, Int32(self.buffer.count),
                milliseconds < 0 ? nil : pointer)
        }
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = self.buffer[index]
            guard event.filter != Int16(EVFILT_USER) else { continue }
            let broken = event.flags & UInt16(EV_EOF | EV_ERROR) != 0
            body(
                Event(
                    token: UInt64(UInt(bitPattern: event.udata)),
                    readable: broken || event.filter == Int16(EVFILT_READ),
                    writable: broken || event.filter == Int16(EVFILT_WRITE)
                )
            )
        }
    }

    func wakeUp() {
        self.change(0, Int16(EVFILT_USER), 0, UInt32(NOTE_TRIGGER), 0)
    }

    private func change(_ id: UInt, _ filter: Int16, _ flags: UInt16, _ notes: UInt32, _ token: UInt64) {
        var event = kevent(
            ident: id, filter: filter, flags: flags, fflags: notes, data: 0,
            udata: UnsafeMutableRawPointer(bitPattern: UInt(token)))
        _ = kevent(self.queue, &event, 1, nil, 0, nil)
    }
}
#endif
