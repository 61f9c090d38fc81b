//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
public import StrictYAML

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Deployment {
    /// The default name of the file.
    public static let fileName = "deployment.yaml"

    /// Reads a file.
    ///
    /// - Parameter file: Its path; folders in it count from its own folder.
    /// - Throws: ``DeploymentError`` if it cannot be read, or `YAMLFileError` with all mistakes in it at once.
    public static func read(file: String) throws -> Deployment {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw DeploymentError(
                "the file \(file) does not exist or cannot be read",
                remedy: "name another one with --file, or create one",
                command: "lakebase init DIR")
        }
        let path = file.startsExactly(with: "/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        let folder = FolderPath.normalized(path.splitExactly(at: "/").dropLast().joined(separator: "/"))
        return try Self.read(Array(data), file: file, folder: folder)
    }

    /// Reads the bytes of a file.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - file: The file's name in errors.
    ///   - folder: The absolute path of the folder that relative paths in the file refer to.
    /// - Throws: All mistakes at once.
    public static func read(
        _ bytes: some Collection<UInt8>, file: String, folder: String
    ) throws(YAMLFileError) -> Deployment {
        let document = YAMLDocument(bytes, file: file)
        var reader = DeploymentReader(folder: folder)
        let deployment = document.root.map { reader.deployment($0) }
        var problems = document.problems + reader.checker.problems
        if document.root == nil, problems.isEmpty {
            problems = [YAMLProblem(.value, at: .start, "the file is empty; it needs the key 'environments'")]
        }
        guard problems.isEmpty, let deployment else { throw YAMLFileError(file: file, problems: problems) }
        return deployment
    }
}

/// Makes a deployment of a checked tree; what is wrong is noted, and left out.
struct DeploymentReader {
    let folder: String
    var checker = YAMLChecker()

    mutating func deployment(_ root: YAMLValue) -> Deployment {
        guard case .mapping = root.content else {
            self.checker.check(root, .object(DeploymentShape.file), Deployment.fileName)
            return Deployment(environments: [])
        }
        // Environments are checked as they are with the defaults in them.
        var outer = root
        outer.content = .mapping(
            root.entries.map { entry in
                guard entry.key == "environments", case .mapping(let environments) = entry.value.content else {
                    return entry
                }
                let names = environments.map {
                    YAMLEntry(key: $0.key, at: $0.place, value: Self.merged($0.value, root["defaults"]))
                }
                let value = YAMLValue(.mapping(names), at: entry.value.place)
                return YAMLEntry(key: entry.key, at: entry.place, value: value)
            }.filter { $0.key != "defaults" })
        self.checker.check(outer, .object(DeploymentShape.file), Deployment.fileName)
        if let defaults = root["defaults"], defaults.kindIsNotMapping {
            self.checker.report("'defaults' has to be a mapping", at: defaults.place)
        }
        let entries = outer["environments"]?.entries ?? []
        if let environments = outer["environments"], environments.content == .mapping([]) {
            self.checker.report("there has to be at least one environment", at: environments.place)
        }
        let environments = entries.compactMap { self.environment($0) }
        self.findTwoInOnePlace(environments, entries)
        return Deployment(environments: environments)
    }

    /// A value over defaults: mappings key by key, anything else as it is.
    private static func merged(_ value: YAMLValue, _ defaults: YAMLValue?) -> YAMLValue {
        guard case .mapping(let entries) = value.content, case .mapping(let under)? = defaults?.content else {
            return value
        }
        let own = entries.map { entry in
            YAMLEntry(
                key: entry.key, at: entry.place,
                value: Self.merged(entry.value, under.first { $0.key == entry.key }?.value))
        }
        let rest = under.filter { entry in !entries.contains { $0.key == entry.key } }
        return YAMLValue(.mapping(own + rest), at: value.place)
    }

    private mutating func environment(_ entry: YAMLEntry) -> DeploymentEnvironment? {
        let value = entry.value
        let app = value["app"].flatMap { self.app($0) }
        let lakebase = value["lakebase"].flatMap { self.lakebase($0) }
        let migrations = value["migrations"].flatMap { self.migrations($0) }
        guard let app, let lakebase else { return nil }
        return DeploymentEnvironment(
            name: entry.key, profile: value["profile"]?.text, app: app, lakebase: lakebase, migrations: migrations)
    }

    private mutating func migrations(_ value: YAMLValue) -> DeploymentMigrations? {
        guard let path = value["folder"] ?? (value.text == nil ? nil : value) else { return nil }
        let owner = self.name(value["owner"], DeploymentShape.roleName)
        return self.inside(path).map { DeploymentMigrations(folder: $0, owner: owner) }
    }

    /// Two environments that would deploy over each other.
    private mutating func findTwoInOnePlace(_ environments: [DeploymentEnvironment], _ entries: [YAMLEntry]) {
        var seen: [String: String] = [:]
        for environment in environments {
            guard let profile = environment.profile else { continue }
            let key = "\(profile)\n\(environment.app.name)"
            if let other = seen[key], let entry = entries.first(where: { $0.key == environment.name }) {
                self.checker.report(
                    "'\(environment.name)' is the same app in the same workspace as '\(other)'; give it another name or profile",
                    at: entry.place)
            }
            seen[key] = environment.name
        }
    }

    /// A name in PostgreSQL, if there is one.
    mutating func name(_ value: YAMLValue?, _ rule: YAMLTextRule) -> String? {
        guard let value, let text = value.text else { return nil }
        if let mistake = DeploymentShape.mistake(inRoleOrObject: text, rule.what) {
            self.checker.report(mistake, at: value.place)
        }
        return text
    }

    /// A folder within the file's own folder.
    mutating func inside(_ value: YAMLValue) -> String? {
        guard let text = value.text else { return nil }
        let path = FolderPath.resolved(text, in: self.folder)
        guard !text.startsExactly(with: "/"), FolderPath.isInside(path, self.folder) else {
            self.checker.report(
                "the folder '\(text)' is outside the folder of the file; move the file, or the folder", at: value.place)
            return nil
        }
        return path
    }
}

extension YAMLValue {
    fileprivate var kindIsNotMapping: Bool { if case .mapping = self.content { false } else { true } }
}

/// Paths of folders as texts; links are not followed.
enum FolderPath {
    /// An absolute path without `.`, `..` and doubled slashes.
    static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.splitExactly(at: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    static func resolved(_ path: String, in folder: String) -> String {
        self.normalized(path.startsExactly(with: "/") ? path : folder + "/" + path)
    }

    static func isInside(_ path: String, _ folder: String) -> Bool {
        path.isExactly(folder) || path.startsExactly(with: folder == "/" ? "/" : folder + "/")
    }
}
