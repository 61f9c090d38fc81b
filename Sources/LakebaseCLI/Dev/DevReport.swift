//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `lakebase dev` prints when it is ready.
enum DevReport {
    /// A few lines of text.
    case people
    /// One line on standard error, since standard output belongs to the command.
    case brief
    /// One line of JSON with the secrets, because --json requests them.
    ///
    /// Nothing is written after it, so a reader may close the pipe after the line. A failure to write it is an error, because
    /// no program would find this Lakebase.
    case json

    func announce(
        _ ready: LocalLakebase.Ready, identity: LocalLakebase.Identity, isTemporary: Bool, envFile: String?
    ) throws {
        switch self {
        case .people: Terminal.words(Self.text(ready, identity: identity, isTemporary: isTemporary, envFile: envFile))
        case .brief: Terminal.note("lakebase: ready at \(ready.host), running as the \(identity.rawValue)")
        case .json:
            let line = try Self.line(ready, identity: identity)
            do {
                try Terminal.deliver(line)
            } catch {
                throw CommandError("\(error); keep its reader until the line is there, or use --env-file")
            }
        }
    }

    private static func text(
        _ ready: LocalLakebase.Ready, identity: LocalLakebase.Identity, isTemporary: Bool, envFile: String?
    ) -> String {
        var lines = ["Lakebase runs on this machine, on PostgreSQL \(ready.postgresVersion).", ""]
        lines.append("  workspace  \(ready.host)")
        for endpoint in ready.endpoints {
            lines.append("  endpoint   \(endpoint.name)")
            lines.append("             \(endpoint.address):\(endpoint.port), database \(ready.database)")
        }
        lines.append("  \(identity.rawValue.padded(to: 9))  \(ready.identity(identity).userName)")
        lines.append(
            "  data       \(ready.dataDirectory)\(isTemporary ? " (goes away at the end; --data keeps it)" : "")")
        lines.append("")
        if let envFile {
            lines.append("The environment is in \(envFile):  \(EnvironmentFile.hint(envFile))")
        } else {
            lines.append("To use it: lakebase dev -- COMMAND, or --env-file FILE for the environment.")
        }
        lines.append("Ctrl-C stops it.")
        return lines.joined(separator: "\n")
    }

    private struct Line: Encodable {
        var environment: [String: String]
        var identities: [String: [String: String]]
    }

    private static func line(_ ready: LocalLakebase.Ready, identity: LocalLakebase.Identity) throws -> String {
        func variables(_ identity: LocalLakebase.Identity) -> [String: String] {
            Dictionary(uniqueKeysWithValues: ready.environment(for: identity).map { ($0.name, $0.value) })
        }
        let identities = LocalLakebase.Identity.allCases.map { ($0.rawValue, variables($0)) }
        let line = Line(environment: variables(identity), identities: Dictionary(uniqueKeysWithValues: identities))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(line), as: UTF8.self)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.count))
    }
}
