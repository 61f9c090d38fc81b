//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseDeploy

/// What is found beside a program, compared with what the loader of this machine says.
@Suite struct LibraryGathererTests {
    private static let gatherer = LibraryGatherer(
        search: .ofThisMachine(environment: ProcessInfo.processInfo.environment))

    /// `psql` has a dozen libraries; `/proc/self/exe`, these tests, has Swift's too.
    @Test(arguments: ["/usr/bin/env", "/usr/bin/tar", "/usr/bin/curl", "/proc/self/exe"])
    func findsWhatTheLoaderFinds(_ program: String) throws {
        let path = URL(fileURLWithPath: program).resolvingSymlinksInPath().path
        guard FileManager.default.fileExists(atPath: path) else { return }
        let gathered = try Self.gatherer.gather(path)
        let loaded = try Self.loaded(path)
        #expect(!loaded.isEmpty)
        let found = Dictionary(uniqueKeysWithValues: gathered.libraries.map { ($0.name, Self.resolved($0.path)) })
        for (name, path) in loaded { #expect(found[name] == path, "\(name)") }
        // Beyond that only what the C library loads by its name, and what that loads.
        let beyond = gathered.libraries.filter { loaded[$0.name] == nil }
        for library in beyond where library.neededBy == nil {
            #expect(LibraryGatherer.loadedByName.contains(library.name))
        }
        #expect(gathered.loader.name == "ld-linux-x86-64.so.2")
        #expect(gathered.glibc?.hasPrefix("2.") == true)
    }

    /// What the loader would load, by name.
    private static func loaded(_ program: String) throws -> [String: String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/lib64/ld-linux-x86-64.so.2")
        process.arguments = ["--list", program]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        var loaded: [String: String] = [:]
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 3, words[1] == "=>", !words[0].contains("ld-linux") else { continue }
            loaded[String(words[0])] = Self.resolved(String(words[2]))
        }
        return loaded
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    @Test func namesAllThatIsMissing() throws {
        let gatherer = LibraryGatherer(search: LibrarySearch(standard: ["/nonexistent"]))
        let error = try #require(throws: PackagingError.self) { try gatherer.gather("/usr/bin/env") }
        #expect(error.code == .libraries)
        #expect(error.details.contains("libc.so.6, which env asks for"))
    }

    /// A C library without the versions that the program was linked with: another library under its name.
    @Test func comparesVersions() throws {
        let scratch = try PackagingScratch()
        let other = URL(fileURLWithPath: "/lib/x86_64-linux-gnu/libz.so.1").resolvingSymlinksInPath().path
        try FileManager.default.copyItem(atPath: other, toPath: "\(scratch.path)/libc.so.6")
        var search = LibrarySearch.ofThisMachine(environment: [:])
        search.environment = [scratch.path]
        let error = try #require(throws: PackagingError.self) {
            try LibraryGatherer(search: search).gather("/usr/bin/env")
        }
        #expect(error.code == .libraries)
        #expect(error.details.contains("env asks for GLIBC_2.2.5 of libc.so.6"), "\(error)")
    }

    @Test func refusesWhatThePlatformCannotRun() throws {
        let scratch = try PackagingScratch()
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/bin/env")))
        bytes[18] = 183
        try Data(bytes).write(to: URL(fileURLWithPath: "\(scratch.path)/arm"))
        try scratch.write("#!/bin/sh\n", to: "script")
        let cases = [
            ("\(scratch.path)/arm", "another processor"), ("\(scratch.path)/script", "no ELF file"),
            ("/usr/lib/x86_64-linux-gnu/libz.so.1", "loader of glibc"), ("\(scratch.path)/none", "cannot be read"),
        ]
        for (path, words) in cases {
            let error = try #require(throws: PackagingError.self) { try Self.gatherer.gather(path) }
            #expect(error.message.contains(words), "\(error)")
        }
    }
}

/// Where libraries are looked for.
@Suite struct LibrarySearchTests {
    @Test func readsTheLoadersConfiguration() throws {
        let scratch = try PackagingScratch()
        try scratch.write("# comment\n/opt/one\ninclude more.d/*.conf\n/opt/three # here\n", to: "ld.so.conf")
        try scratch.write("/opt/two\ninclude ../ld.so.conf\n", to: "more.d/two.conf")
        let folders = LibrarySearch.folders(in: "\(scratch.path)/ld.so.conf")
        #expect(folders.prefix(2) == ["/opt/one", "/opt/two"])
        #expect(folders.last == "/opt/three")
        #expect(LibrarySearch.folders(in: "\(scratch.path)/none").isEmpty)
    }

    @Test func keepsTheLoadersOrder() {
        let search = LibrarySearch(environment: ["/env"], configured: ["/conf"], standard: ["/std"])
        var (program, library) = (ELFImage(machine: 62), ELFImage(machine: 62))
        program.rpath = ["$ORIGIN/rpath"]
        library.runpath = ["${ORIGIN}/run", "/$LIB"]
        func candidates() -> [String] {
            search.candidates(for: "a.so", in: (library, "/lib/b.so"), program: (program, "/bin/app"))
        }
        #expect(candidates() == ["/env/a.so", "/lib/run/a.so", "/conf/a.so", "/std/a.so"])
        library.runpath = []
        library.rpath = ["/old"]
        #expect(candidates() == ["/old/a.so", "/bin/rpath/a.so", "/env/a.so", "/conf/a.so", "/std/a.so"])
        #expect(
            search.candidates(for: "/x/a.so", in: (library, "/lib/b.so"), program: (program, "/bin/app")).isEmpty)
    }
}
