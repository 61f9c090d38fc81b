//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
import Foundation

/// Fills a folder with a gathered program.
struct Staging: Sendable {
    var gathered: GatheredProgram
    /// Names of folders beside the program.
    var bundles: [String]
    var partSize: Int
    var stripsSymbols: Bool
    var progress: @Sendable (PackagingStep) -> Void

    /// The program changes with each deployment, and its libraries hardly ever do: an archive for each.
    private enum Archive: String, CaseIterable { case app, runtime }

    /// Writes the parts, the start script and the manifest.
    ///
    /// - Parameter folder: An empty one.
    func fill(_ folder: String) async throws -> PackagingReport {
        let work = "\(folder)/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: false)
        var notes: [String] = []
        try await self.layOut(work, &notes)
        let contents = try Archive.allCases.flatMap { try FileDigest.files(in: "\(work)/\($0.rawValue)") }
            .sorted { $0.path < $1.path }
        try self.checkNames(contents)
        var archives: [StartScript.Archive] = []
        for archive in Archive.allCases {
            let parts = try await self.pack(archive, work, into: folder)
            archives.append(.init(name: archive.rawValue, parts: parts))
        }
        try FileManager.default.removeItem(atPath: work)
        self.progress(.writing)
        let script = StartScript(
            program: self.gathered.program.name, loader: self.gathered.loader.name, archives: archives,
            contents: contents)
        try Data(script.text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(StartScript.name)"))
        let files = try FileDigest.files(in: folder)
        let manifest = PackageManifest(
            program: self.gathered.program.name, glibc: self.gathered.glibc,
            files: files.map(PackageManifest.Entry.init),
            contents: contents.map(PackageManifest.Entry.init))
        let bytes = try manifest.encoded()
        try bytes.write(to: URL(fileURLWithPath: "\(folder)/\(PackageManifest.name)"))
        return try self.report(contents, uploadSize: files.reduce(bytes.count) { $0 + $1.size }, notes)
    }

    /// Copies everything to its place after unpacking, below a folder for each archive.
    private func layOut(_ work: String, _ notes: inout [String]) async throws {
        let (app, runtime) = ("\(work)/\(Archive.app.rawValue)", "\(work)/\(Archive.runtime.rawValue)")
        for folder in ["\(app)/bin", "\(runtime)/bin", "\(runtime)/lib"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        // Beside the loader: while it runs, the system takes it for the program, and Foundation looks for resources there.
        let programFolder = (self.gathered.program.path as NSString).deletingLastPathComponent
        for bundle in self.bundles {
            try FileManager.default.copyItem(
                atPath: "\(programFolder)/\(bundle)", toPath: "\(app)/bin/\(bundle)")
        }
        let program = "\(app)/bin/\(self.gathered.program.name)"
        let loader = "\(runtime)/bin/\(self.gathered.loader.name)"
        try Self.copy(self.gathered.program.path, to: program)
        try Self.copy(self.gathered.loader.path, to: loader)
        for library in self.gathered.libraries { try Self.copy(library.path, to: "\(runtime)/lib/\(library.name)") }
        if self.stripsSymbols {
            try await self.strip([program] + self.gathered.libraries.map { "\(runtime)/lib/\($0.name)" }, &notes)
        }
    }

    private static func copy(_ path: String, to destination: String) throws {
        let source = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        try FileManager.default.copyItem(atPath: source, toPath: destination)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: destination)
    }

    private func strip(_ files: [String], _ notes: inout [String]) async throws {
        for file in files {
            self.progress(.stripping((file as NSString).lastPathComponent))
            do {
                let outcome = try await Tool(name: "strip").run(["--strip-unneeded", file])
                guard outcome.succeeded else {
                    throw PackagingError(
                        .toolFailed, "strip failed on \(file) (\(outcome.status))", details: outcome.lines,
                        remedy: "leave the symbols in, with --keep-symbols")
                }
            } catch let error as PackagingError where error.code == .toolMissing {
                notes.append("strip is not installed (binutils), so the symbols stay in and all of it is larger")
                return
            }
        }
    }

    /// Makes an archive that depends on its contents only: without times and owners, in a fixed order.
    private func pack(_ archive: Archive, _ work: String, into folder: String) async throws -> [StagedApp.File] {
        let name = "\(archive.rawValue).tar.gz"
        self.progress(.compressing(name))
        let outcome = try await Tool(name: "tar").run(
            [
                "--create", "--file", "\(work)/\(name)", "--directory", "\(work)/\(archive.rawValue)", "--format=gnu",
                "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX",
                "--use-compress-program=gzip --no-name", "bin",
            ] + (archive == .runtime ? ["lib"] : []))
        guard outcome.succeeded else {
            throw PackagingError(
                .toolFailed, "tar could not write \(name) (\(outcome.status))", details: outcome.lines,
                remedy: "install GNU tar and gzip")
        }
        return try FileParts.cut("\(work)/\(name)", into: folder, name: name, limit: self.partSize)
    }

    private func checkNames(_ files: [StagedApp.File]) throws(PackagingError) {
        for file in files where file.path.containsExactly("\n") || file.path.containsExactly("\\") {
            throw PackagingError(
                .file, "the resource \(file.path.debugDescription) has a line break or backslash in its name",
                remedy: "rename it")
        }
    }

    private func report(_ contents: [StagedApp.File], uploadSize: Int, _ notes: [String]) throws -> PackagingReport {
        let stripped = contents.first { $0.path == "bin/\(self.gathered.program.name)" }
        return PackagingReport(
            program: self.gathered.program.name, builtSize: try Self.size(of: self.gathered.program.path),
            strippedSize: stripped?.size ?? 0, resources: self.bundles,
            libraries: try self.gathered.libraries.map {
                .init(name: $0.name, source: $0.path, neededBy: $0.neededBy, size: try Self.size(of: $0.path))
            },
            glibc: self.gathered.glibc, unpackedSize: contents.reduce(0) { $0 + $1.size }, uploadSize: uploadSize,
            unchanged: false, notes: notes)
    }

    private static func size(of path: String) throws -> Int {
        let source = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return try FileManager.default.attributesOfItem(atPath: source)[.size] as? Int ?? 0
    }
}
