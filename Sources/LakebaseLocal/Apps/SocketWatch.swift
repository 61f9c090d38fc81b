//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

#if os(Linux)
import CLinux
#endif

/// Performs a ``PortRedirection`` for the processes of an app.
///
/// The kernel asks here before it lets one of them bind or connect a socket, statically linked programs included, and
/// does what it is told (seccomp_unotify(2), Linux 5.9). Nothing is preloaded and nothing of the app is changed. It is
/// no wall: a process that wants to get round it can.
enum SocketWatch {
    /// An event of the app's sockets.
    enum Event: Equatable, Sendable {
        /// It listens, or is about to, on the port that it was given.
        case bound(isForThisMachineOnly: Bool)
        /// It has the port that it requested: this system does not allow its sockets to be redirected.
        case untouched
    }

    #if os(Linux)
    /// Whether this system supports it: old kernels do not, and containers may forbid it.
    static let isAvailable: Bool = {
        guard clinux_try_to_watch_sockets() == 0 else { return false }
        let own = clinux_take_descriptor(getpid(), 2)
        if own >= 0 { close(own) }
        // Without standard error there is nothing to try it with, and nothing wrong.
        return own >= 0 || own == -EBADF
    }()

    /// Answers requests of the kernel until no process is left.
    ///
    /// - Parameter watch: What `ChildProcess/spawn(_:_:input:output:errors:environment:endsGroup:watch:)` left; is closed at the end.
    static func serve(
        _ watch: Int32, _ redirection: PortRedirection, heard: @escaping @Sendable (Event) -> Void
    ) {
        // Waiting blocks, so it has a thread of its own; it ends with the processes.
        Thread.detachNewThread {
            defer { close(watch) }
            while true {
                var ready = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
                guard poll(&ready, 1, -1) >= 0 else {
                    if errno == EINTR { continue }
                    return
                }
                guard ready.revents & Int16(POLLIN) != 0 else { return }
                var call = clinux_socket_call()
                switch clinux_next_socket_call(watch, &call) {
                case 0: Self.answer(call, watch, redirection, heard)
                // The one that asked is gone, or was interrupted.
                case ENOENT, EINTR: continue
                default: return
                }
            }
        }
    }

    private static func answer(
        _ call: clinux_socket_call, _ watch: Int32, _ redirection: PortRedirection,
        _ heard: @escaping @Sendable (Event) -> Void
    ) {
        func goOn() { _ = clinux_answer_socket_call(watch, call.id, 0, 1) }
        var address = [UInt8](repeating: 0, count: Int(min(call.length, 128)))
        let count = clinux_read_memory(call.thread, call.address, &address, address.count)
        let kind: PortRedirection.Call = call.isBind != 0 ? .bind : .connect
        // Most calls do not concern us, and are let through before anything else is checked.
        guard count == address.count, let asked = SocketAddress(address),
            redirection.replacement(for: kind, address, takesIPv4: true) != nil
        else { return goOn() }
        let descriptor = clinux_take_descriptor(Self.process(of: call.thread), call.descriptor)
        // The number may be another thread's by now.
        guard descriptor >= 0, clinux_is_waiting(watch, call.id) != 0 else {
            if descriptor >= 0 { close(descriptor) } else if kind == .bind { heard(.untouched) }
            return goOn()
        }
        guard Self.option(SOL_SOCKET, SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue),
            let address = redirection.replacement(
                for: kind, address, takesIPv4: Self.option(Int32(IPPROTO_IPV6), IPV6_V6ONLY, of: descriptor) != 1)
        else {
            close(descriptor)
            return goOn()
        }
        let id = call.id
        @Sendable func perform() {
            let result = address.withUnsafeBytes { bytes -> Int32 in
                guard let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
                return kind == .bind
                    ? bind(descriptor, base, socklen_t(bytes.count)) : connect(descriptor, base, socklen_t(bytes.count))
            }
            let code = result == 0 ? 0 : errno
            close(descriptor)
            if kind == .bind, code == 0 {
                heard(.bound(isForThisMachineOnly: asked.isThisMachine && !asked.isUnspecified))
            }
            _ = clinux_answer_socket_call(watch, id, code, 0)
        }
        // Connecting may wait for the listening process, which may send a request here meanwhile.
        if kind == .connect, fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0 {
            Thread.detachNewThread { perform() }
        } else {
            perform()
        }
    }

    private static func option(_ level: Int32, _ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : nil
    }

    /// The process of a thread.
    private static func process(of thread: Int32) -> Int32 {
        guard let status = try? String(contentsOfFile: "/proc/\(thread)/status", encoding: .utf8) else { return thread }
        let line = status.split(separator: "\n").first { $0.hasPrefix("Tgid:") }
        return line.flatMap { Int32($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) } ?? thread
    }
    #else
    /// Only Linux lets another process answer system calls.
    static let isAvailable = false
    #endif
}
