//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A program with every library that the loader loads for it.
struct GatheredProgram: Sendable, Equatable {
    /// A file of it.
    struct Piece: Sendable, Equatable {
        /// The name by which it is required.
        var name: String
        /// The file, as it was found; it may be a link.
        var path: String
        var image: ELFImage
        /// The file that requires it; nil for libraries that the C library loads by itself.
        var neededBy: String?
    }

    var program: Piece
    /// The dynamic loader, which is a program itself.
    var loader: Piece
    /// The libraries, by name; without the loader.
    var libraries: [Piece]

    /// The newest version of the C library that any file requires.
    var glibc: String? {
        ([self.program] + self.libraries).flatMap { $0.image.requires.flatMap(\.versions) }
            .filter { $0.hasPrefix("GLIBC_2.") }.map { $0.dropFirst(6) }
            .max { $0.compare($1, options: .numeric) == .orderedAscending }.map(String.init)
    }
}

/// Finds the libraries of a program, and the libraries of these.
struct LibraryGatherer: Sendable {
    var search: LibrarySearch

    /// The libraries that the C library loads by itself, when a thread is cancelled or a host's name is looked up.
    ///
    /// Newer ones have most of it built in, and it is no error if a file is not there.
    static let loadedByName = [
        "libgcc_s.so.1", "libnss_compat.so.2", "libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2",
    ]

    /// Walks from the program through everything that `DT_NEEDED` names.
    ///
    /// - Throws: ``PackagingError`` with all that is missing, or the first file that cannot be read.
    func gather(_ path: String) throws(PackagingError) -> GatheredProgram {
        let program = try Self.piece((path as NSString).lastPathComponent, path, neededBy: nil)
        let loader = try self.loader(of: program)
        var libraries: [String: GatheredProgram.Piece] = [:]
        var missing: [(name: String, neededBy: String)] = []
        func follow(_ first: GatheredProgram.Piece) {
            var queue = [first]
            while !queue.isEmpty {
                let object = queue.removeFirst()
                for name in object.image.needed where libraries[name] == nil && name != loader.name {
                    guard let library = self.find(name, for: object, program) else {
                        if !missing.contains(where: { $0.name == name }) { missing.append((name, object.name)) }
                        continue
                    }
                    libraries[name] = library
                    queue.append(library)
                }
            }
        }
        follow(program)
        for name in Self.loadedByName where libraries[name] == nil {
            guard var library = self.find(name, for: program, program) else { continue }
            library.neededBy = nil
            libraries[name] = library
            follow(library)
        }
        guard missing.isEmpty else {
            throw PackagingError(
                .libraries,
                "\(missing.count == 1 ? "a library is" : "\(missing.count) libraries are") not on this machine",
                details: missing.map { "\($0.name), which \($0.neededBy) asks for" },
                remedy: "install the libraries that the program was built with, or build the program on this machine")
        }
        let gathered = GatheredProgram(
            program: program, loader: loader, libraries: libraries.values.sorted { $0.name < $1.name })
        try Self.checkVersions(gathered)
        return gathered
    }

    /// - Throws: ``PackagingError/Code/unusable`` for a program that the platform cannot run.
    private func loader(of program: GatheredProgram.Piece) throws(PackagingError) -> GatheredProgram.Piece {
        guard program.image.machine == ELFImage.x86_64 else {
            throw PackagingError(
                .unusable,
                "\(program.path) is for another processor (ELF machine \(program.image.machine))",
                remedy: "build it on x86-64, or in a container with --platform linux/amd64")
        }
        guard let interpreter = program.image.interpreter, interpreter.contains("/ld-linux") else {
            throw PackagingError(
                .unusable,
                "\(program.path) does not start through the loader of glibc "
                    + "(\(program.image.interpreter ?? "it names none: a library, or fully static"))",
                remedy: "name a program that swift build made for Linux with glibc")
        }
        return try Self.piece((interpreter as NSString).lastPathComponent, interpreter, neededBy: program.name)
    }

    private func find(
        _ name: String, for object: GatheredProgram.Piece, _ program: GatheredProgram.Piece
    ) -> GatheredProgram.Piece? {
        let candidates = self.search.candidates(
            for: name, in: (object.image, object.path), program: (program.image, program.path))
        // As the loader does: what is no library for this processor is passed over.
        return candidates.lazy.compactMap { try? Self.piece(name, $0, neededBy: object.name) }
            .first { $0.image.machine == ELFImage.x86_64 }
    }

    private static func piece(_ name: String, _ path: String, neededBy: String?) throws(PackagingError)
        -> GatheredProgram.Piece
    {
        do {
            return GatheredProgram.Piece(
                name: name, path: path, image: try ELFImage(ELFFile(path)), neededBy: neededBy)
        } catch let error as ELFError {
            throw PackagingError(.unusable, "\(path) cannot be used: \(error)")
        } catch {
            throw PackagingError(.file, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// Checks that each library has the versions that the others require, as the loader does at the start.
    private static func checkVersions(_ gathered: GatheredProgram) throws(PackagingError) {
        let pieces = gathered.libraries + [gathered.loader]
        let defined = Dictionary(pieces.map { ($0.name, Set($0.image.defines)) }) { first, _ in first }
        var wrong: [String] = []
        for piece in [gathered.program] + gathered.libraries {
            for need in piece.image.requires {
                // A library without any versions takes all comers, with a warning of the loader.
                guard let versions = defined[need.library], !versions.isEmpty else { continue }
                wrong += need.versions.filter { !versions.contains($0) }.map {
                    "\(piece.name) asks for \($0) of \(need.library)"
                }
            }
        }
        guard wrong.isEmpty else {
            throw PackagingError(
                .libraries,
                "the libraries of this machine are older than those that the program was built with",
                details: wrong)
        }
    }
}
