//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LakebaseDeploy
import Synchronization
import Testing

/// Staging: what is written, when, and over what.
@Suite(.serialized) struct SwiftPackagerTests {
    @Test func cutsIntoParts() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/env", partSize: 300_000)
        #expect(staged.command == ["sh", "start.sh"])
        #expect(staged.files.count > 4)
        for file in staged.files where file.path.contains(".tar.gz.") { #expect(file.size <= 300_000) }
        #expect(try scratch.names(in: "app") == staged.files.map(\.path))
        #expect(staged.report.uploadSize == staged.files.reduce(0) { $0 + $1.size })
        #expect(staged.report.libraries.contains { $0.name == "libc.so.6" && $0.neededBy == "env" })
    }

    /// The same program, the same files: a second deployment has nothing to upload.
    @Test func makesTheSameFilesAgain() async throws {
        let scratch = try PackagingScratch()
        let first = try await scratch.stage("/usr/bin/env", into: "one")
        let second = try await scratch.stage("/usr/bin/env", into: "two")
        #expect(first.files == second.files)
        #expect(!first.report.unchanged)
        let again = try await scratch.stage("/usr/bin/env", into: "one")
        #expect(again.report.unchanged && again.files == first.files)
    }

    /// Another program changes its own archive, not that of the libraries, which are many times as large.
    @Test func keepsTheLibrariesWhenTheProgramChanges() async throws {
        let scratch = try PackagingScratch()
        let first = try await scratch.stage("/usr/bin/true")
        let second = try await scratch.stage("/usr/bin/false")
        #expect(!second.report.unchanged)
        let changed = second.files.filter { !first.files.contains($0) }.map(\.path)
        #expect(changed == ["app.tar.gz.000", "lakebase-package.json", "start.sh"])
        #expect(try scratch.names(in: ".") == ["app", "tmp"])
    }

    @Test func refusesAFolderOfOthers() async throws {
        let scratch = try PackagingScratch()
        try scratch.write("mine", to: "app/thesis.txt")
        var error = try await #require(throws: PackagingError.self) { _ = try await scratch.stage("/usr/bin/true") }
        #expect(error.code == .output && error.message.contains("thesis.txt"), "\(error)")
        #expect(try scratch.names(in: "app") == ["thesis.txt"])

        _ = try await scratch.stage("/usr/bin/true", into: "ours")
        try scratch.write("mine", to: "ours/notes.txt")
        error = try await #require(throws: PackagingError.self) {
            _ = try await scratch.stage("/usr/bin/false", into: "ours")
        }
        #expect(error.message.contains("notes.txt"), "\(error)")
        try scratch.write("mine", to: "file")
        error = try await #require(throws: PackagingError.self) {
            _ = try await scratch.stage("/usr/bin/false", into: "file")
        }
        #expect(error.message.contains("is a file"), "\(error)")
    }

    /// Nothing in the folder comes from the environment.
    @Test func writesNothingOfTheEnvironment() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/true")
        for file in staged.files where !file.path.contains(".tar.gz.") {
            let text = try String(contentsOfFile: "\(staged.folder)/\(file.path)", encoding: .utf8)
            #expect(!text.contains(scratch.path) && !text.contains(NSHomeDirectory() + "/"), "\(file.path)")
        }
    }

    private static func writePackage(_ source: String, in scratch: PackagingScratch) throws {
        try scratch.write(
            """
            // swift-tools-version: 6.0
            import PackageDescription
            let package = Package(
                name: "hello", targets: [.executableTarget(name: "hello", resources: [.copy("Pages")])])
            """, to: "package/Package.swift")
        try scratch.write("a page in a folder", to: "package/Sources/hello/Pages/a page.txt")
        try scratch.write(source, to: "package/Sources/hello/main.swift")
    }

    /// The whole way with a small package of its own: build, gather, start, read a resource.
    @Test func buildsAProduct() async throws {
        let scratch = try PackagingScratch()
        try Self.writePackage(
            """
            import Foundation
            let page = Bundle.module.url(forResource: "a page", withExtension: "txt", subdirectory: "Pages")
            print(try page.map { try String(contentsOf: $0, encoding: .utf8) } ?? "no page", CommandLine.arguments.dropFirst())
            """, in: scratch)
        let lines = Mutex<[String]>([])
        let packager = SwiftPackager(logger: .quiet)
        let staged = try await packager.stage(
            product: "hello", package: "\(scratch.path)/package", into: "\(scratch.path)/app"
        ) { step in
            if case .building(let line) = step { lines.withLock { $0.append(line) } }
        }
        #expect(lines.withLock { $0 }.contains { $0.hasPrefix("[") })
        #expect(staged.report.resources == ["hello_hello.resources"])
        // So that only what is beside the program can be found.
        try FileManager.default.removeItem(atPath: "\(scratch.path)/package")
        let ended = try await ScriptRun(staged, ["x"], in: scratch).end()
        #expect(ended.output == "a page in a folder [\"x\"]\n", "\(ended)")
    }

    @Test func showsWhatTheCompilerSaid() async throws {
        let scratch = try PackagingScratch()
        try Self.writePackage("let number: Int = \"text\"\n", in: scratch)
        let error = try await #require(throws: PackagingError.self) {
            _ = try await SwiftPackager(logger: .quiet).stage(
                product: "hello", package: "\(scratch.path)/package", into: "\(scratch.path)/app")
        }
        #expect(error.code == .build)
        #expect(error.details.contains { $0.contains("cannot convert value of type 'String'") }, "\(error)")
        #expect(try !scratch.names(in: ".").contains { $0.hasPrefix("app") })
    }

    @Test func namesAToolThatIsMissing() async throws {
        let scratch = try PackagingScratch()
        var options = SwiftPackager.Options()
        options.swift = "swift-that-is-not-there"
        let packager = SwiftPackager(options: options, logger: .quiet)
        let error = try await #require(throws: PackagingError.self) {
            _ = try await packager.stage(product: "x", package: scratch.path, into: "\(scratch.path)/app")
        }
        #expect(error.code == .toolMissing && error.message.contains("swift-that-is-not-there"), "\(error)")
    }
}
