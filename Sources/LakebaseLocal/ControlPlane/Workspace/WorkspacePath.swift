//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A place among the files of the workspace.
struct WorkspacePath: Equatable, Sendable {
    /// As it was asked for, without a slash at the end.
    let text: String
    /// Its parts, without the optional `Workspace` in front: the service takes `/Users/x` and `/Workspace/Users/x` for the same.
    let components: [String]

    /// Reads a path.
    ///
    /// - Throws: `INVALID_PARAMETER_VALUE` for one that is not absolute, and for names that no file can have.
    init(_ text: String) throws(APIFailure) {
        guard text.hasPrefix("/") else {
            throw APIFailure.invalid("Path (\(text.prefix(200))) doesn't start with '/'")
        }
        let parts = text.split(separator: "/").map(String.init)
        // Long names would not fit into a file's name with anything added.
        guard parts.allSatisfy({ $0 != "." && $0 != ".." && $0.utf8.count <= 240 && !$0.utf8.contains(0) }),
            text.utf8.count <= 2_000
        else { throw APIFailure.invalid("Path (\(text.prefix(200))) has a part that no file can have.") }
        self.text = "/" + parts.joined(separator: "/")
        self.components = parts.first == "Workspace" ? Array(parts.dropFirst()) : parts
    }

    private init(text: String, components: [String]) {
        self.text = text
        self.components = components
    }

    /// The same for all ways to write the path.
    var key: String { "/" + self.components.joined(separator: "/") }
    var isRoot: Bool { self.components.isEmpty }
    var name: String { self.components.last ?? "" }

    /// The folder it is in; that of the root is the root.
    var parent: WorkspacePath {
        guard !self.isRoot else { return self }
        let text = self.text.split(separator: "/").dropLast().joined(separator: "/")
        return WorkspacePath(text: "/" + text, components: Array(self.components.dropLast()))
    }

    /// Something in it.
    func child(_ name: String) -> WorkspacePath {
        WorkspacePath(
            text: self.text == "/" ? "/" + name : self.text + "/" + name, components: self.components + [name])
    }

    /// The same without its extension.
    var withoutExtension: WorkspacePath {
        guard let dot = self.name.lastIndex(of: "."), dot != self.name.startIndex else { return self }
        return self.parent.child(String(self.name[..<dot]))
    }

    /// A number that stays the same for a path: FNV-1a, in the range of numbers that all JSON readers take.
    var objectID: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in self.key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(hash >> 11)
    }
}
