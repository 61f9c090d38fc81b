//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseDeploy
import Logging

/// `lakebase deploy package`: a Swift program as a folder that the platform can start.
struct PackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package",
        abstract: "Make a Swift program ready for Databricks Apps, in a folder.",
        discussion: """
            The platform runs Ubuntu 22.04 on x86-64, has no Swift, and takes no file over 10 MB. This builds the product in \
            release and puts it into the folder with every library it loads, the C library included, compressed and in parts. \
            The script start.sh puts them together and starts the program; the arguments after it are the program's. It needs \
            sh, coreutils, tar and gzip, which every Ubuntu has. lakebase deploy apply does the same by itself.

            The same program makes the same files. The folder is replaced as a whole if an earlier run made it, and refused if \
            it has anything else. It works on x86-64 Linux, with swift, strip, tar and gzip.

            EXAMPLES
              lakebase deploy package --product notes --output build/app
              lakebase deploy package --executable .build/release/notes --output build/app --json
              cd build/app && sh start.sh --port 8000

            Exit status: 0 when the folder is as it is to be; 1 when something failed; 64 when the command line is wrong; 128 \
            plus the number of the signal after SIGINT, SIGTERM or SIGHUP.
            """
    )

    @Option(help: ArgumentHelp("The executable product to build in release.", valueName: "name"))
    var product: String?

    @Option(
        help: ArgumentHelp("A program that was built already, instead of --product.", valueName: "file"))
    var executable: String?

    @Option(help: ArgumentHelp("The folder of Package.swift.", valueName: "dir"))
    var packagePath = "."

    @Option(help: ArgumentHelp("Where the build is kept; .build in the package when left out.", valueName: "dir"))
    var scratchPath: String?

    @Option(help: ArgumentHelp("The folder to make.", valueName: "dir"))
    var output: String

    @Flag(help: "Leave symbols in, for a debugger; all of it is larger then.")
    var keepSymbols = false

    @Flag(help: "Print the files, the command and what was gathered as JSON.")
    var json = false

    func validate() throws {
        if (self.product == nil) == (self.executable == nil) {
            throw ValidationError("Name what to package, with --product or with --executable.")
        }
        for (option, value) in [
            ("--product", self.product), ("--executable", self.executable), ("--package-path", self.packagePath),
            ("--scratch-path", self.scratchPath), ("--output", self.output),
        ] where value?.isEmpty == true {
            throw ValidationError("\(option) needs a name")
        }
    }

    func run() async throws {
        let progress = PackageProgress()
        do {
            // Ended early, nothing half made stays behind.
            let staged = try await Interruption.cancelling { try await self.stage(progress) }
            progress.end()
            Terminal.output(try self.json ? PackageReport.json(staged) : PackageReport.text(staged))
        } catch {
            progress.end()
            if let interruption = error as? Interruption { throw ExitCode(interruption.exitStatus) }
            Terminal.error("\(error)")
            throw ExitCode(1)
        }
    }

    private func stage(_ progress: PackageProgress) async throws -> StagedApp {
        var options = SwiftPackager.Options()
        options.stripsSymbols = !self.keepSymbols
        options.scratchPath = self.scratchPath
        var logger = Logger(label: "lakebase", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let packager = SwiftPackager(options: options, logger: logger)
        if let product {
            return try await packager.stage(
                product: product, package: self.packagePath, into: self.output, progress: progress.step)
        }
        return try await packager.stage(
            executable: self.executable ?? "", into: self.output, progress: progress.step)
    }
}
