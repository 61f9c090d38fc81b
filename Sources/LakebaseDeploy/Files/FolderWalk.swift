//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import Foundation
internal import Secrets

/// Goes through the folder of an app and takes what is not left out.
///
/// Three lists of rules decide, the later one over the earlier: what no app needs, what git leaves out, and what `.lakebaseignore` says. In a checkout of git
/// its rules are those of the whole repository, from the root down, and not only of the folder.
struct FolderWalk {
    let root: String
    private(set) var files: [SourceFile] = []
    private var problems: [String] = []
    /// The root without links.
    private let place: String
    /// Where the root is in the repository.
    private let prefix: [String]
    private let standard: IgnoreRules
    private var git: IgnoreRules
    private var own = IgnoreRules()
    /// The folders whose files of patterns were read.
    private var known: Set<ExactText> = []

    /// - Parameter checkout: The checkout that the folder is in; nil to look at nothing above the folder.
    init(root: String, checkout: GitCheckout?) {
        self.root = root
        let place = Self.resolved(root)
        self.place = place
        let inside = checkout.flatMap { checkout in
            place.isExactly(checkout.top) ? "" : place.droppingExactly(prefix: checkout.top + "/")
        }
        self.prefix = inside?.splitExactly(at: "/").map(String.init) ?? []
        self.standard = IgnoreRules.standard(in: self.prefix.joined(separator: "/"))
        self.git = IgnoreRules(foldsCase: checkout?.ignoresCase ?? false)
        guard let checkout, inside != nil else { return }
        for patterns in checkout.patterns { self.git.add(patterns, in: "") }
        for depth in self.prefix.indices {
            let folder = self.prefix[..<depth].joined(separator: "/")
            self.readGitignore("\(checkout.top)/\(folder)", in: folder)
        }
    }

    static func resolved(_ path: String) -> String { URL(filePath: path).resolvingSymlinksInPath().path }

    mutating func run() throws {
        guard Self.type(of: self.place) == .typeDirectory else {
            throw DeployError(
                .invalid, "there is no folder \(self.root)",
                remedy: "set the app's source in deployment.yaml to the folder with its files")
        }
        try self.visit([])
        self.findTwins()
        guard self.problems.isEmpty else {
            throw DeployError(
                .invalid, "\(self.problems.count) of the files in \(self.root) cannot be deployed",
                details: self.problems,
                remedy: "remove them, or name them in a .lakebaseignore")
        }
    }

    // MARK: Rules

    private func isLeftOut(_ path: [String], isFolder: Bool) -> Bool {
        IgnoreRules.ignores(self.prefix + path, isFolder: isFolder, by: [self.standard, self.git, self.own])
    }

    private mutating func readRules(_ folder: [String]) {
        guard self.known.insert(ExactText(folder.joined(separator: "/"))).inserted else { return }
        let place = ([self.root] + folder).joined(separator: "/")
        let base = (self.prefix + folder).joined(separator: "/")
        // A repository inside of the folder has a list of its own.
        if !folder.isEmpty, let inner = GitCheckout.gitFolder(of: place) {
            self.read("\(inner)/info/exclude", \.git, base)
        }
        self.readGitignore(place, in: base)
        self.read("\(place)/.lakebaseignore", \.own, base)
    }

    private mutating func readGitignore(_ folder: String, in base: String) {
        self.read("\(folder)/.gitignore", \.git, base)
    }

    private mutating func read(_ file: String, _ list: WritableKeyPath<FolderWalk, IgnoreRules>, _ base: String) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else { return }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            self.problems.append("\(file) cannot be read, so that nobody can say what it leaves out")
            return
        }
        self[keyPath: list].add([UInt8](bytes), in: base)
    }

    // MARK: Files

    private mutating func visit(_ folder: [String]) throws {
        self.readRules(folder)
        let place = ([self.root] + folder).joined(separator: "/")
        let names = try FileManager.default.contentsOfDirectory(atPath: place)
        for name in names.sorted(by: { ExactText($0) < ExactText($1) }) {
            try self.visit(folder + [name], at: "\(place)/\(name)")
        }
    }

    private mutating func visit(_ path: [String], at place: String) throws {
        // A repository itself is never a part of what is in it, whatever a pattern such as !.* takes in.
        if path.last?.lowercased().isExactly(".git") == true { return }
        let name = path.joined(separator: "/")
        let type = Self.type(of: place)
        guard !self.isLeftOut(path, isFolder: type == .typeDirectory) else { return }
        // A control character or a name this long is refused by the workspace.
        guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
            path.allSatisfy({ $0.utf8.count <= 240 })
        else {
            self.problems.append("\(name.debugDescription) has a name that cannot be in the workspace")
            return
        }
        switch type {
        case .typeDirectory?: try self.visit(path)
        case .typeRegular?: try self.take(name, at: place)
        case .typeSymbolicLink?: try self.follow(name, at: place)
        default: self.problems.append("\(name) is neither a file nor a folder")
        }
    }

    /// Takes what a link leads to, if that is a file of the folder that would be taken itself.
    private mutating func follow(_ name: String, at place: String) throws {
        let target = Self.resolved(place)
        guard let inside = target.droppingExactly(prefix: self.place + "/"), Self.type(of: target) == .typeRegular
        else {
            self.problems.append("\(name) is a link that does not lead to a file in this folder")
            return
        }
        let path = inside.splitExactly(at: "/").map(String.init)
        for depth in path.indices {
            self.readRules(Array(path[..<depth]))
            guard !self.isLeftOut(Array(path[...depth]), isFolder: depth < path.count - 1) else {
                self.problems.append("\(name) is a link to \(inside), which is left out")
                return
            }
        }
        try self.take(name, at: target)
    }

    private static func type(of path: String) -> FileAttributeType? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    }

    private mutating func take(_ name: String, at place: String) throws {
        let size = try FileManager.default.attributesOfItem(atPath: place)[.size] as? Int ?? 0
        guard size <= SourceFiles.largestFile else {
            self.problems.append("\(name) has \(size) bytes; the platform takes \(SourceFiles.largestFile) at most")
            return
        }
        do throws(PrivateFile.Failure) {
            self.files.append(try SourceFile(path: name, file: place))
        } catch {
            self.problems.append("\(name) cannot be read: \(error.reason)")
        }
    }

    /// Two files whose names only a computer tells apart: nobody can say which of them the app would read.
    private mutating func findTwins() {
        // By canonical equivalence, as String compares.
        for (_, twins) in Dictionary(grouping: self.files.map(\.path), by: \.self) where twins.count > 1 {
            self.problems.append(
                "\(twins[0]) is there \(twins.count) times, with its accents written in different ways (Unicode normal forms)"
            )
        }
    }
}
