//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LakebaseDeploy

/// The packaged files, as text and as JSON.
enum PackageReport {
    static func text(_ staged: StagedApp) -> String {
        let report = staged.report
        var lines = [
            "\(report.program): \(Self.megabytes(report.builtSize)) as built, \(Self.megabytes(report.strippedSize)) as started",
            "libraries: \(report.libraries.count), the C library included"
                + (report.glibc.map { "; asked for up to glibc \($0)" } ?? ""),
        ]
        if !report.resources.isEmpty { lines.append("resources: \(report.resources.joined(separator: ", "))") }
        lines += report.notes.map { "note: \($0)" }
        lines += [
            "\(staged.folder): \(staged.files.count) files, \(Self.megabytes(report.uploadSize)) to upload, the largest "
                + "\(Self.megabytes(staged.files.map(\.size).max() ?? 0)), \(Self.megabytes(report.unpackedSize)) once unpacked"
                + (report.unchanged ? "; unchanged" : ""),
            "command for app.yaml: [\(staged.command.map { "\"\($0)\"" }.joined(separator: ", "))], then the program's arguments",
        ]
        return lines.joined(separator: "\n")
    }

    static func json(_ staged: StagedApp) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(staged), as: UTF8.self)
    }

    private static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) MB"
    }
}
