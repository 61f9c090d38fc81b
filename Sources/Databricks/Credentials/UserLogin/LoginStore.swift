//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
public import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The token cache in plain text that `databricks auth login` and `lakebase auth login` share.
///
/// The file is for its owner only, is replaced in one step (where its path is a link, the file that the link leads to),
/// and is changed by one process at a time, which holds a lock on the file beside it that ends in `.lock`. Logins that
/// the `databricks` program keeps in the system's keyring are not in it.
public struct LoginStore: Sendable {
    /// The usual path of the file.
    public static let usualPath = "~/.databricks/token-cache.json"

    /// A user's login.
    public struct Login: Sendable, Hashable {
        /// The access token.
        public var accessToken: Secret
        /// The token that gets the next access token.
        public var refreshToken: Secret?
        /// The expiry time of the access token.
        public var expiresAt: Date

        /// Creates a login from its parts.
        public init(accessToken: Secret, refreshToken: Secret?, expiresAt: Date) {
            self.accessToken = accessToken
            self.refreshToken = refreshToken
            self.expiresAt = expiresAt
        }
    }

    /// The file.
    public let path: String
    /// How long to wait for another process that changes the file.
    var lockLimit: Duration = .seconds(30)

    /// The cache in a file, which need not exist.
    public init(path: String) { self.path = path }

    /// The login under the first of the keys that has one: a profile's name, or a host's address.
    public func login(for keys: [String]) throws(DatabricksError) -> Login? { try self.contents()?.login(for: keys) }

    /// Stores a login under each of the keys.
    public func save(_ login: Login, for keys: [String]) async throws(DatabricksError) {
        try await self.withLock { () async throws(DatabricksError) in try self.write(login, for: keys) }
    }

    /// Checks whether a login can be stored, without changing anything.
    ///
    /// Before a login is made, and before the only token that renews one is spent: neither can be obtained again.
    ///
    /// - Throws: `invalidConfiguration` when the file is damaged, or cannot be replaced.
    public func check() async throws(DatabricksError) {
        try await self.withLock { () async throws(DatabricksError) in try self.checkWritable() }
    }

    // MARK: The file

    private func contents() throws(DatabricksError) -> Contents? {
        do {
            return try WorkspaceConfiguration.contents(ofFile: self.path).map { text throws(DatabricksError) in
                try Contents(text)
            }
        } catch {
            let reason = (error as? DatabricksError)?.message ?? "it cannot be read"
            throw self.failure("cannot be used: \(reason); remove it and log in again")
        }
    }

    /// Checks whether ``write(_:for:)`` can succeed; the lock has to be held.
    func checkWritable() throws(DatabricksError) {
        let contents = try self.contents() ?? Contents()
        let size = (try? contents.text().count) ?? 0
        do {
            try PrivateFile.checkReplaceable(self.path, size: size + Self.largestLogin)
        } catch {
            throw self.failure("cannot be written: \(error); make its folder writable, or free some space")
        }
    }

    /// More bytes than a login has, so that a disk that is nearly full is noticed before.
    private static let largestLogin = 64 << 10

    /// Writes the file; the lock has to be held.
    func write(_ login: Login, for keys: [String]) throws(DatabricksError) {
        var contents = try self.contents() ?? Contents()
        contents.set(login, for: keys)
        do {
            try PrivateFile.replace(try contents.text(), at: self.path)
        } catch {
            throw self.failure("cannot be written: \(error)")
        }
    }

    // MARK: The lock

    /// Runs `body` while no other process changes the file.
    func withLock<Result>(
        _ body: () async throws(DatabricksError) -> Result
    ) async throws(DatabricksError) -> Result {
        let descriptor = try await self.lock()
        defer { FileLock.release(descriptor) }
        return try await body()
    }

    private func lock() async throws(DatabricksError) -> Int32 {
        do {
            try PrivateFile.createDirectories(PrivateFile.folder(of: self.path), mode: 0o700)
        } catch {
            throw self.failure("cannot be written: \(error)")
        }
        let lock = self.path + ".lock"
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw self.failure("cannot be locked: \(lock): \(String(cString: strerror(errno)))")
        }
        let deadline = ContinuousClock.now.later(by: self.lockLimit)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            guard code == EWOULDBLOCK || code == EINTR, ContinuousClock.now < deadline else {
                close(descriptor)
                let reason = code == EWOULDBLOCK ? "another process holds it" : String(cString: strerror(code))
                throw self.failure("cannot be locked: \(lock): \(reason)")
            }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                close(descriptor)
                throw DatabricksError(code: .cancelled, message: "the wait for \(lock) was cancelled")
            }
        }
        return descriptor
    }

    private func failure(_ words: String) -> DatabricksError {
        DatabricksError(code: .invalidConfiguration, message: "the token cache \(self.path) \(words)")
    }
}
