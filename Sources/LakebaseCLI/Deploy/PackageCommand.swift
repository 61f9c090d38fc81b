//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseDeploy
import Logging
import UnixSignals

/// `lakebase deploy package`.
struct PackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package",
        abstract: "Package a Swift program for Databricks Apps in a folder.",
        discussion: """
            The platform runs Ubuntu 22.04 on x86-64, has no Swift, and accepts no file over 10 MB. This command \
            builds the product for release and writes it into the folder with every library it loads, the C library \
            included, compressed and in parts. The script start.sh joins the parts and starts the program; arguments \
            of the script are passed to the program. It needs sh, coreutils, tar and gzip, which every Ubuntu has. \
            lakebase deploy apply includes this step.

            The same program always gives the same files. A folder made by an earlier run is replaced as a whole; a \
            folder with other contents is refused. Works on x86-64 Linux, with swift, strip, tar and gzip.

            EXAMPLES
              lakebase deploy package --product notes --output build/app
              lakebase deploy package --executable .build/release/notes --output build/app --json
              cd build/app && sh start.sh --port 8000

            Exit status: 0 if the folder is complete; 1 on failure; 64 when the command line is wrong.
            """
    )

    @Option(help: ArgumentHelp("The executable product to build for release.", valueName: "name"))
    var product: String?

    @Option(
        help: ArgumentHelp("A program that is already built, in place of --product.", valueName: "file"))
    var executable: String?

    @Option(help: ArgumentHelp("The folder of Package.swift.", valueName: "dir"))
    var packagePath = "."

    @Option(help: ArgumentHelp("The build folder; default: .build in the package.", valueName: "dir"))
    var scratchPath: String?

    @Option(help: ArgumentHelp("The folder to create.", valueName: "dir"))
    var output: String

    @Flag(help: "Keep symbols for a debugger; the files are larger.")
    var keepSymbols = false

    @Flag(help: "Print the files, the command and the libraries as JSON.")
    var json = false

    func validate() throws {
        if (self.product == nil) == (self.executable == nil) {
            throw ValidationError("name what to package, with --product or with --executable")
        }
        try OptionCheck.values([
            "--product": self.product, "--executable": self.executable, "--package-path": self.packagePath,
            "--scratch-path": self.scratchPath, "--output": self.output,
        ])
    }

    func run() async throws {
        let staged = try await Self.untilSignal {
            try await Progress.ofSteps(.slow) { progress in
                progress.begin("packaging \(self.product ?? self.executable ?? "the program")")
                return try await self.stage { progress.tell("\($0)") }
            }
        }
        Terminal.output(try self.json ? PackageReport.json(staged) : PackageReport.text(staged))
    }

    private func stage(_ progress: @escaping @Sendable (PackagingStep) -> Void) async throws -> StagedApp {
        var options = SwiftPackager.Options()
        options.stripsSymbols = !self.keepSymbols
        options.scratchPath = self.scratchPath
        var logger = Logger(label: "lakebase", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let packager = SwiftPackager(options: options, logger: logger)
        if let product {
            return try await packager.stage(
                product: product, package: self.packagePath, into: self.output, progress: progress)
        }
        return try await packager.stage(
            executable: self.executable ?? "", into: self.output, progress: progress)
    }

    /// Cancels the work on SIGINT and SIGTERM, so that nothing half made stays behind.
    private static func untilSignal(_ body: @Sendable @escaping () async throws -> StagedApp) async throws -> StagedApp
    {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: StagedApp?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await signal in signals { throw Stopped(status: signal == .sigint ? 130 : 143) }
                return nil
            }
            defer { group.cancelAll() }
            do {
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            } catch let stopped as Stopped {
                throw ExitCode(stopped.status)
            }
        }
    }

    private struct Stopped: Error { var status: Int32 }
}
