//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Synchronization

/// Builds a product of a package for the platform.
struct SwiftBuild: Sendable {
    var swift: String
    var product: String
    var package: String
    var scratchPath: String?

    /// Builds in release, with Swift's own libraries inside the program where the toolchain has them to put there.
    ///
    /// - Returns: The program, and the folder that it and its resources are in.
    func run(progress: @escaping @Sendable (PackagingStep) -> Void) async throws -> (program: String, folder: String) {
        try self.checkHost()
        var arguments = ["build", "-c", "release", "--product", self.product, "--package-path", self.package]
        if let scratchPath { arguments += ["--scratch-path", scratchPath] }
        if await self.hasStaticLibraries { arguments.append("--static-swift-stdlib") }
        let outcome = try await Tool(name: self.swift).run(arguments) { line in
            if let step = Self.step(line) { progress(.building(line: step)) }
        }
        guard outcome.succeeded else {
            throw PackagingError(
                .build,
                "swift build could not build \(self.product) in \(self.package) (\(outcome.status))",
                details: outcome.lines)
        }
        let answer = try await Tool(name: self.swift).run(arguments + ["--show-bin-path"])
        guard answer.succeeded, let folder = answer.lines.last(where: { $0.hasPrefix("/") }) else {
            throw PackagingError(
                .toolFailed, "swift build --show-bin-path did not say where the program is (\(answer.status))",
                details: answer.lines)
        }
        let program = "\(folder)/\(self.product)"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw PackagingError(
                .build,
                "\(self.product) was built, and there is no program of that name in \(folder)",
                remedy: "name an executable product", command: "swift package describe")
        }
        return (program, folder)
    }

    /// Whether a line of `swift build` shows its progress, or that it waits for another build.
    static func step(_ line: String) -> String? {
        let line = line.trimmingCharacters(in: .whitespaces)
        return ["[", "Fetch", "Creating", "Computing", "Another instance"].contains { line.hasPrefix($0) } ? line : nil
    }

    private func checkHost() throws(PackagingError) {
        #if !(os(Linux) && arch(x86_64))
        throw PackagingError(
            .host,
            "the platform runs x86-64 Linux, and Swift builds for the machine it runs on")
        #endif
    }

    /// Whether the toolchain has the static libraries; if not, the dynamic ones are put beside the program.
    private var hasStaticLibraries: Bool {
        get async {
            // The lines of an outcome are the last ones only, and this one is among the first.
            let path = Mutex<String?>(nil)
            _ = try? await Tool(name: self.swift).run(["-print-target-info"]) { line in
                guard line.contains("\"runtimeResourcePath\"") else { return }
                let found = line.split(separator: "\"").last { $0.hasPrefix("/") }.map(String.init)
                path.withLock { $0 = found }
            }
            return path.withLock { $0 }.map {
                FileManager.default.fileExists(atPath: "\($0)_static/linux/libswiftCore.a")
            } ?? false
        }
    }
}
