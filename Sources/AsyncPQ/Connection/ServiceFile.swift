//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Secrets

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Reads connection service files (PostgreSQL documentation, "The Connection Service File").
///
/// Errors name file and line and never quote a line, which can hold a password.
enum ServiceFile {
    /// The parameters of a service.
    ///
    /// - Parameter path: A file named by the user, which then has to exist; nil for the user's own file.
    /// - Parameter environment: May have `HOME` and `PGSYSCONFDIR`.
    static func parameters(
        of service: String, path: String?, environment: [String: String]
    ) throws(PQError) -> [String: String] {
        var paths: [String] = []
        if let path {
            paths.append(path)
        } else if let home = environment["HOME"].flatMap({ $0.isEmpty ? nil : $0 }) ?? OperatingSystemUser.home {
            paths.append("\(home)/.pg_service.conf")
        }
        let own = paths.count
        let folders = environment["PGSYSCONFDIR"].map { [$0] } ?? Self.systemFolders
        paths += folders.map { "\($0)/pg_service.conf" }
        for (index, candidate) in paths.enumerated() {
            guard let text = try Self.read(candidate) else {
                if path != nil, index < own {
                    throw PQError(.invalidConfiguration, "the service file \(candidate) cannot be read")
                }
                continue
            }
            if let found = try Self.parse(text, service: service, file: candidate) { return found }
        }
        throw PQError(
            .invalidConfiguration,
            "the service \"\(service)\" is defined in none of \(paths.joined(separator: ", "))")
    }

    /// Where packagers put the file for all users: libpq does not tell where it was built to look.
    private static let systemFolders = [
        "/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc", "/usr/local/etc/postgresql", "/usr/local/etc",
        "/opt/homebrew/etc/postgresql", "/opt/homebrew/etc",
    ]

    /// The parameters of a service in the text of a file; nil if the file does not define it.
    static func parse(_ text: [UInt8], service: String, file: String) throws(PQError) -> [String: String]? {
        var values: [String: String]?
        let header = Array("[\(service)]".utf8)
        var number = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let line = Self.trimmed(line)
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            if first == UInt8(ascii: "[") {
                // The end of the service.
                if let values { return values }
                if line.starts(with: header) { values = [:] }
                continue
            }
            guard values != nil else { continue }
            func refused(_ reason: String) -> PQError {
                PQError(.invalidConfiguration, "line \(number) of the service file \(file) \(reason)")
            }
            guard !line.starts(with: "ldap".utf8) else {
                throw refused("refers to LDAP, which is not supported: write the parameters into the file")
            }
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw refused("has no equals sign") }
            let name = String(decoding: line[..<equals], as: UTF8.self)
            guard name != "service", name != "servicefile" else { throw refused("names another service") }
            guard LibpqKeywords.knownNames.contains(name) || LibpqKeywords.newer.contains(where: { $0.name == name })
            else { throw refused("sets no parameter of libpq; there is no blank before the equals sign") }
            // The first of several counts.
            if values?[name] == nil { values?[name] = String(decoding: line[(equals + 1)...], as: UTF8.self) }
        }
        return values
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        func isSpace(_ byte: UInt8?) -> Bool { byte.map { $0 == 0x20 || (0x09...0x0D).contains($0) } ?? false }
        while isSpace(line.first) { line.removeFirst() }
        while isSpace(line.last) { line.removeLast() }
        return line
    }

    /// More than any service file has.
    private static let largestFile = 1 << 20

    /// The contents of a regular file; nil if it cannot be read.
    private static func read(_ path: String) throws(PQError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            #else
            let count = Darwin.read(descriptor, &buffer, buffer.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return text }
            text += buffer[..<count]
            guard text.count <= Self.largestFile else {
                throw PQError(.invalidConfiguration, "the service file \(path) is larger than 1 MB")
            }
        }
    }
}

/// The user that this process runs as, as the system knows it.
enum OperatingSystemUser {
    static let name = Self.entry { $0.pw_name }
    static let home =
        getenv("HOME").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? Self.entry { $0.pw_dir }

    private static func entry(_ field: (passwd) -> UnsafeMutablePointer<CChar>?) -> String? {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(geteuid(), &record, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return field(record).map { String(cString: $0) }
    }
}
