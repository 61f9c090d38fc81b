//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where the dynamic loader looks for libraries, in its order (ld.so(8)): `DT_RPATH`, `LD_LIBRARY_PATH`, `DT_RUNPATH`, the
/// folders of `/etc/ld.so.conf`, and its own.
///
/// The variants for newer processors (`glibc-hwcaps`) are left out: the platform's processor need not be as new as ours.
struct LibrarySearch: Sendable, Equatable {
    /// From `LD_LIBRARY_PATH`.
    var environment: [String] = []
    /// From `/etc/ld.so.conf`.
    var configured: [String] = []
    /// Those of the loader itself.
    var standard = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"]

    /// As the loader of this machine does.
    static func ofThisMachine(environment: [String: String]) -> LibrarySearch {
        LibrarySearch(
            environment: (environment["LD_LIBRARY_PATH"] ?? "").splitExactly(at: ":").map(String.init),
            configured: Self.folders(in: "/etc/ld.so.conf"))
    }

    /// The folders of a file like `/etc/ld.so.conf`, with those of the files it includes.
    static func folders(in file: String, depth: Int = 0) -> [String] {
        // A file that includes itself ends here.
        guard depth < 8, let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
        return text.exactLines.flatMap { line -> [String] in
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let first = words.first else { return [] }
            guard first == "include" else { return words.filter { $0.hasPrefix("/") } }
            let folder = (file as NSString).deletingLastPathComponent
            return words.dropFirst().flatMap { pattern in
                Self.matches(pattern.hasPrefix("/") ? pattern : "\(folder)/\(pattern)")
                    .flatMap { Self.folders(in: $0, depth: depth + 1) }
            }
        }
    }

    /// The files that may be the library, in the order in which the loader looks.
    ///
    /// - Parameters:
    ///   - name: The name in `DT_NEEDED`.
    ///   - object: The file with this entry, with its path.
    ///   - program: The program that is packaged.
    func candidates(
        for name: String, in object: (image: ELFImage, path: String), program: (image: ELFImage, path: String)
    )
        -> [String]
    {
        // Asked for by a path, which will not be there on the platform.
        guard !name.containsExactly("/") else { return [] }
        var folders: [String] = []
        // DT_RPATH counts only where there is no DT_RUNPATH, and the program's counts for its libraries too.
        for (image, path) in [object, program] where object.image.runpath.isEmpty && image.runpath.isEmpty {
            folders += Self.expand(image.rpath, path)
        }
        folders += self.environment
        folders += Self.expand(object.image.runpath, object.path)
        folders += self.configured + self.standard
        return folders.map { "\($0)/\(name)" }
    }

    /// Replaces `$ORIGIN` by the file's own folder, and leaves out folders with other variables.
    private static func expand(_ folders: [String], _ path: String) -> [String] {
        let origin = (path as NSString).deletingLastPathComponent
        return folders.map {
            $0.replacingOccurrences(of: "${ORIGIN}", with: origin).replacingOccurrences(of: "$ORIGIN", with: origin)
        }.filter { !$0.contains("$") }
    }

    private static func matches(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }
}
