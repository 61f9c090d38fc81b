//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Foundation
import Lakebase
import Testing

@testable import LakebaseCLI

@Suite("How a command prints the error that it ends with")
struct ErrorReportTests {
    @Test func `each kind of error has its words and its exit status`() {
        #expect(ErrorReport(CommandError("no", status: 64)).status == 64)
        #expect(ErrorReport(CommandFailure(program: "p", code: ENOENT)).status == 127)
        #expect(ErrorReport(CommandFailure(program: "p", code: EACCES)).status == 126)
        let error = ErrorReport(LakebaseError(.targetNotFound, "there is none", remedy: "make one"))
        #expect(error.status == 1 && error.message.hasPrefix("there is none; make one ["))
        #expect(ErrorReport(CancellationError()).message == "the command was cancelled")
        #expect(!ErrorReport(CocoaError(.fileReadNoSuchFile)).message.contains("Domain="))
    }

    @Test func `notes stay with the error that they belong to`() {
        let error = AnnotatedError(underlying: CommandError("no", status: 3), notes: ["found by PGHOST"])
        let report = ErrorReport(AnnotatedError(underlying: error, notes: ["and so on"]))
        #expect(report.message == "no" && report.status == 3 && report.notes == ["found by PGHOST", "and so on"])
    }

    @Test func `what the argument parser prints, and what was printed, is not printed again`() {
        #expect(ErrorReport.end(with: ExitCode(7)) as? ExitCode == ExitCode(7))
        #expect(ErrorReport.end(with: ValidationError("x")) is ValidationError)
        #expect(ErrorReport.end(with: CleanExit.helpRequest()) is CleanExit)
        for arguments in [["--help"], ["doctor", "--help"], ["help", "migrate", "up"]] {
            #expect(throws: Never.self) {
                do {
                    var command = try LakebaseCommand.parseAsRoot(arguments)
                    try command.run()
                } catch {
                    try #require(LakebaseCommand.exitCode(for: ErrorReport.end(with: error)).isSuccess)
                }
            }
        }
    }

    /// One function prints errors: a command throws.
    @Test func `no command prints an error itself`() throws {
        let root = #filePath.components(separatedBy: "/Tests/LakebaseCLITests/").first ?? "."
        let sources = URL(fileURLWithPath: root + "/Sources/LakebaseCLI")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            count += 1
            guard !["Terminal.swift", "ErrorReport.swift"].contains(file.lastPathComponent) else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains("Terminal.error("), "\(file.lastPathComponent)")
        }
        #expect(count > 50)
    }
}
