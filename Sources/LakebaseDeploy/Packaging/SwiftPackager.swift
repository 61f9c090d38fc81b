//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
public import Logging
import Secrets

/// Makes a Swift program ready for Databricks Apps, which has no Swift and takes no file over 10 MB.
///
/// The platform runs Ubuntu 22.04 on x86-64. ``stage(product:package:into:progress:)`` builds a product in release and puts it
/// into a folder together with every library that it loads, the C library and its loader included, so that it does not matter
/// what the platform has installed. All of it is compressed and cut into parts; a shell script puts them together where the
/// program is started.
///
/// The same program and libraries make the same files, so that a second deployment has nothing to upload.
///
/// It works on x86-64 Linux with `swift`, `strip`, `tar` and `gzip`.
public struct SwiftPackager: Sendable {
    /// How a program is staged.
    public struct Options: Sendable {
        /// The most bytes of a file.
        ///
        /// The platform's limit is 10 MB for a request, and base64 makes a file a third larger.
        public var partSize = 7_000_000
        /// Whether symbols are taken off.
        ///
        /// Without them a program is much smaller, and a debugger has no names.
        public var stripsSymbols = true
        /// Where the build is kept; `.build` in the package when nil.
        public var scratchPath: String?
        /// The Swift to build with, found in `PATH`.
        public var swift = "swift"

        /// The options of `lakebase deploy`.
        public init() {}
    }

    private let options: Options
    private let logger: Logger

    /// A packager.
    public init(options: Options = .init(), logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// Builds a product in release and stages it.
    ///
    /// - Parameters:
    ///   - product: The name of an executable product.
    ///   - package: The folder of its `Package.swift`.
    ///   - folder: Where to; made if it is not there, and replaced as a whole if an earlier run made it.
    ///   - progress: Called for each step, and for each line of the compiler.
    /// - Returns: The folder, what is in it, and the command that starts the program.
    /// - Throws: ``PackagingError`` with the compiler's last lines or with what is missing, `CancellationError`.
    public func stage(
        product: String, package: String, into folder: String,
        progress: @escaping @Sendable (PackagingStep) -> Void = { _ in }
    ) async throws -> StagedApp {
        let output = StagingFolder(folder)
        // Before the minutes that a build takes.
        try output.check()
        let build = SwiftBuild(
            swift: self.options.swift, product: product, package: package, scratchPath: self.options.scratchPath)
        let (program, _) = try await build.run(progress: progress)
        return try await self.stage(executable: program, into: folder, progress: progress)
    }

    /// Stages a program that was built already, with the folders of resources beside it.
    ///
    /// - Parameters:
    ///   - executable: The program, for x86-64 Linux.
    ///   - folder: Where to; made if it is not there, and replaced as a whole if an earlier run made it.
    ///   - progress: Called for each step.
    /// - Throws: ``PackagingError``, `CancellationError`.
    public func stage(
        executable: String, into folder: String, progress: @escaping @Sendable (PackagingStep) -> Void = { _ in }
    ) async throws -> StagedApp {
        let output = StagingFolder(folder)
        try output.check()
        progress(.gathering)
        let executable = URL(fileURLWithPath: executable).resolvingSymlinksInPath().path
        let search = LibrarySearch.ofThisMachine(environment: ProcessInfo.processInfo.environment)
        let gathered = try LibraryGatherer(search: search).gather(executable)
        do {
            let bundles = try ResourceBundles.of(
                program: executable, in: (executable as NSString).deletingLastPathComponent)
            let staging = Staging(
                gathered: gathered, bundles: bundles, partSize: self.options.partSize,
                stripsSymbols: self.options.stripsSymbols, progress: progress)
            var report: PackagingReport?
            let unchanged = try await output.replace { report = try await staging.fill($0) }
            guard var report else { throw PackagingError(.output, "\(output.path) was not filled") }
            report.unchanged = unchanged
            self.logger.info(
                "staged a program",
                metadata: [
                    "program": "\(report.program)", "folder": "\(output.path)", "bytes": "\(report.uploadSize)",
                    "unchanged": "\(unchanged)",
                ])
            return StagedApp(
                folder: output.path, files: try FileDigest.files(in: output.path), command: ["sh", StartScript.name],
                report: report)
        } catch let error as CocoaError {
            throw PackagingError(.file, "a file cannot be read or written: \(error.localizedDescription)")
        } catch let error as PrivateFile.Failure {
            throw PackagingError(.file, "\(error)")
        }
    }
}
