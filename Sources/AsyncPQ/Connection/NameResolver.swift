//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Resolves host names on a thread where blocking does no harm.
package enum NameResolver {
    /// The numeric addresses of `host`, in the system's order of preference.
    ///
    /// Gives up waiting at `deadline`; `getaddrinfo` itself cannot be interrupted and finishes on its own thread.
    package static func resolve(_ host: String, deadline: ContinuousClock.Instant) async throws -> [String] {
        if self.isNumeric(host) { return [host] }
        return try await withThrowingTaskGroup(of: [String]?.self) { group in
            let answer = AsyncStream<Result<[String], PQError>>.makeStream()
            try DetachedThread.start {
                answer.continuation.yield(Result { () throws(PQError) in try self.lookUp(host) })
                answer.continuation.finish()
            }
            group.addTask {
                for await result in answer.stream { return try result.get() }
                return nil
            }
            group.addTask {
                try await Task.sleep(until: deadline)
                throw PQError(.timedOut, "the address of \(host) could not be looked up in time")
            }
            defer { group.cancelAll() }
            guard let addresses = try await group.next() ?? nil else { throw CancellationError() }
            return addresses
        }
    }

    package static func isNumeric(_ host: String) -> Bool {
        var buffer = in6_addr()
        var short = in_addr()
        return inet_pton(AF_INET, host, &short) == 1 || inet_pton(AF_INET6, host, &buffer) == 1
    }

    private static func lookUp(_ host: String) throws(PQError) -> [String] {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            var error = PQError(
                .nameResolutionFailed, "the host \(host) was not found: \(String(cString: gai_strerror(code)))")
            error.isTemporary = code == EAI_AGAIN
            throw error
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = list
        while let current = entry {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let found = getnameinfo(
                current.pointee.ai_addr, current.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST)
            if found == 0 {
                let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !addresses.contains(address) { addresses.append(address) }
            }
            entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else { throw PQError(.nameResolutionFailed, "the host \(host) has no address") }
        return addresses
    }
}
