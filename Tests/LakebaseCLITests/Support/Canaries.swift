//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Logging
import Secrets
import Synchronization
import Testing

/// Secrets that came into being in a test, and the search for them where they must not be.
final class Canaries: Sendable {
    private let secrets = Mutex<[String: String]>([:])
    private let written = Mutex<[String: String]>([:])

    /// Remembers a secret, and its form in a header of HTTP Basic when it has a user.
    func add(_ name: String, _ secret: String, user: String? = nil) {
        #expect(secret.utf8.count >= 12, "too short to be searched for: \(name)")
        self.secrets.withLock { secrets in
            secrets[name] = secret
            if let user { secrets[name + " as Basic"] = Data("\(user):\(secret)".utf8).base64EncodedString() }
        }
    }

    func add(_ name: String, _ secret: Secret?) throws {
        try #require(secret, "\(name)").withUnsafeValue { self.add(name, $0) }
    }

    /// Remembers what was said somewhere, to be searched at the end.
    func note(_ place: String, _ text: String) {
        self.written.withLock { $0[place, default: ""] += text + "\n" }
    }

    func note(_ place: String, _ run: CommandRun) { self.note(place, run.output + run.errors) }

    var count: Int { self.secrets.withLock { $0.count } }
    /// How much there is to search.
    var size: Int { self.written.withLock { $0.values.reduce(0) { $0 + $1.utf8.count } } }

    /// `SECRET in PLACE` for each that is found in what was said.
    var findings: [String] {
        self.written.withLock { $0 }.flatMap { place, text in
            self.names(in: Data(text.utf8)).map { "\($0) in \(place)" }
        }
        .sorted()
    }

    /// `SECRET in FILE` for each that is found in the files of a folder; in some files some are at home.
    func findings(in folder: String, at home: [String: [String]]) async throws -> [String] {
        let patterns = try Scratch()
        let all = self.secrets.withLock { Array($0.values) }
        let list = try patterns.path(of: "patterns", text: all.joined(separator: "\n"))
        let found = try await CommandRun.run("/usr/bin/env", ["grep", "-rlaF", "-f", list, folder])
        #expect(found.status <= 1, "\(found.errors)")
        var findings: [String] = []
        for file in found.output.split(separator: "\n").map(String.init) {
            let place = String(file.dropFirst(folder.count))
            let data = try Data(contentsOf: URL(fileURLWithPath: file))
            for name in self.names(in: data) where home[place]?.contains(name) != true {
                findings.append("\(name) in \(place)")
            }
        }
        return findings.sorted()
    }

    private func names(in data: Data) -> [String] {
        self.secrets.withLock { $0 }.filter { data.range(of: Data($0.value.utf8)) != nil }.map(\.key)
    }

    /// Notes every line that is logged, at every level.
    func logger(_ place: String) -> Logger { Logger(label: place, factory: { Handler(canaries: self, place: $0) }) }

    private struct Handler: LogHandler {
        let canaries: Canaries
        let place: String
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
            self.canaries.note(self.place, "\(event.level) \(event.message) \(all)")
        }
    }
}
