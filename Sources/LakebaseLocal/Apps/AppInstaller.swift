//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Digests
import ExactText
import Foundation
import LocalGround
import LocalPostgres
import ProgramLauncher
import Secrets

/// Installs the packages of an app before it starts.
///
/// Packages of `requirements.txt` are installed once for all apps that want the same of the same Python, into a layer
/// in the user's cache. A version of an app has an environment of its own above that layer: what the app installs
/// itself goes there and no further. npm and uv keep what they install by content themselves.
struct AppInstaller: Sendable {
    /// A program that is run to install an app.
    struct Step: Equatable, Sendable {
        /// What is being installed.
        var what: String
        var command: [String]
        var folder: String
    }

    /// A Python of this machine.
    struct Interpreter: Equatable, Sendable {
        var program: String
        /// Major and minor.
        var version: String
        /// The properties on which packages that are built for it depend.
        var facts: String
    }

    /// A Python environment with the packages of an app.
    struct Installed: Equatable, Sendable {
        var folder: String
        /// Whether it belongs to a project of uv.
        var isProject: Bool
    }

    /// The folder of the layers.
    let cacheFolder: String

    /// A layer that was not used for this time is removed.
    static let keptTime: TimeInterval = 90 * 86_400
    private static let marker = "complete"

    /// The environment of installers: the user's home, for caches and configuration, and the proxy settings; no
    /// credentials of the workspace.
    static func environment(
        of user: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] {
        var variables = ChildProcess.plainEnvironment
        let kept: Set = [
            "HOME", "USER", "LANG", "XDG_CACHE_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy",
            "https_proxy", "no_proxy", "all_proxy",
        ]
        let prefixes = ["PIP_", "UV_", "NPM_CONFIG_", "npm_config_", "PYENV_"]
        for (name, value) in user
        where kept.contains(name) || prefixes.contains(where: { name.startsExactly(with: $0) }) {
            variables[name] = value
        }
        variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        return variables
    }

    /// Installs the packages of a version of an app.
    ///
    /// - Parameters:
    ///   - source: The app's files.
    ///   - own: The folder for packages of this version only.
    ///   - say: Receives progress messages.
    ///   - run: Runs a program to its end, and throws if that was a bad one.
    /// - Returns: The environment of Python to run it in; `nil` for the machine's.
    func install(
        source: String, own: String, say: @Sendable (String) -> Void, run: @Sendable (Step) async throws -> Void
    ) async throws -> Installed? {
        let plan = InstallPlan(source: source)
        if let node = plan.node {
            let command = ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline"]
            try await run(Step(what: "package.json", command: command, folder: source))
            if node.builds {
                try await run(Step(what: "The script 'build'", command: ["npm", "run", "build"], folder: source))
            }
        }
        switch plan.python {
        case nil: return nil
        case .lock:
            guard ProgramSearch.find(["uv"], path: ChildProcess.plainEnvironment["PATH"]) != nil else {
                throw AppExit(
                    reason:
                        "The app has uv.lock, and there is no uv on this machine; install it (python3 -m pip install uv), or "
                        + "add a requirements.txt")
            }
            let command = ["env", "UV_PROJECT_ENVIRONMENT=\(own)", "uv", "sync", "--frozen", "--no-progress"]
            try await run(Step(what: "uv.lock", command: command, folder: source))
            return Installed(folder: own, isProject: true)
        case .requirements(let basis):
            let python = try await Self.interpreter()
            let key = try Self.key(python, source: source, basis)
            let layer = try await self.layer(key, python, source: source, say: say, run: run)
            try Self.stack(own, on: layer, python)
            return Installed(folder: own, isProject: false)
        }
    }

    /// The Python for apps: the platform's version if it is installed, else `python3`.
    static func interpreter(path: String? = ChildProcess.plainEnvironment["PATH"]) async throws -> Interpreter {
        let script =
            "import sys, platform; print('%d.%d' % sys.version_info[:2]); "
            + "print(sys.version.replace(chr(10), ' '), sys.implementation.cache_tag, platform.machine(), sys.executable)"
        var program: String?
        for name in ["python3.11", "python3", "python"] {
            guard let found = ProgramSearch.find([name], path: path) else { continue }
            program = found
            // The name that a version manager has for a version that is not installed fails.
            guard
                let result = try? await ChildProcess.run(
                    found, ["-I", "-c", script], environment: Self.environment()), result.status == 0
            else { continue }
            let lines = result.output.split(separator: "\n").map(String.init)
            guard lines.count == 2 else { continue }
            return Interpreter(program: found, version: lines[0], facts: lines[1])
        }
        throw AppExit(
            reason: program.map { "The app has a requirements.txt, and \($0) does not run" }
                ?? "The app has a requirements.txt, and there is no python3 on this machine; install Python 3.11")
    }

    /// The key of a layer, computed from everything that goes into it.
    static func key(_ python: Interpreter, source: String, _ basis: InstallPlan.Basis) throws -> String {
        var hash = SHA256Hash.Hasher()
        func add(_ data: Data) {
            withUnsafeBytes(of: UInt64(data.count).littleEndian) { hash.update($0) }
            hash.update(data)
        }
        add(Data(python.facts.utf8))
        let names: [String]
        switch basis {
        case .files(let files): names = files.sorted()
        case .source: names = (FileManager.default.subpaths(atPath: source) ?? []).sorted()
        }
        for name in names {
            let path = "\(source)/\(name)"
            guard !PrivateFile.isDirectory(path), let data = FileManager.default.contents(atPath: path) else {
                continue
            }
            add(Data(name.utf8))
            add(data)
        }
        return hash.finish().hex(bytes: 16)
    }

    /// The layer with this key; it is built if there is none.
    private func layer(
        _ key: String, _ python: Interpreter, source: String, say: @Sendable (String) -> Void,
        run: @Sendable (Step) async throws -> Void
    ) async throws -> String {
        let folder = self.cacheFolder + "/environments"
        try Self.claim(folder)
        let lock = OwnFile.open("\(folder)/\(key).lock", O_RDWR | O_CREAT)
        guard lock >= 0 else {
            throw PrivateFile.Failure(operation: "open", path: "\(folder)/\(key).lock", code: errno)
        }
        defer { FileLock.release(lock) }
        var isFirst = true
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            if isFirst { say("Another deployment installs the same packages; waiting for it.") }
            isFirst = false
            try await Task.sleep(for: .milliseconds(100))
        }
        let layer = "\(folder)/\(key)"
        let marker = "\(layer)/\(Self.marker)"
        if FileManager.default.fileExists(atPath: marker) {
            say("The packages of \(InstallPlan.requirements) are installed already.")
            // Its time is that of its last use.
            _ = utimes(marker, nil)
            return layer
        }
        Self.removeOld(in: folder, now: Date())
        try? FileManager.default.removeItem(atPath: layer)
        let environment = [python.program, "-m", "venv", layer]
        try await run(Step(what: "An environment of Python \(python.version)", command: environment, folder: source))
        let packages = [
            "\(layer)/bin/python", "-m", "pip", "install", "--no-input", "--progress-bar", "off", "--retries", "2",
            "--timeout", "15", "-r", InstallPlan.requirements,
        ]
        try await run(Step(what: InstallPlan.requirements, command: packages, folder: source))
        try PrivateFile.write(Data(), to: marker)
        return layer
    }

    /// Creates the environment of a version above a layer, like `python -m venv --without-pip` but faster.
    private static func stack(_ own: String, on layer: String, _ python: Interpreter) throws {
        let marker = "\(own)/\(Self.marker)"
        // What the app has installed itself stays for its next process.
        if FileManager.default.contents(atPath: marker).map({ $0.elementsEqual(layer.utf8) }) == true { return }
        try? FileManager.default.removeItem(atPath: own)
        let packages = "lib/python\(python.version)/site-packages"
        try PrivateFile.createDirectories("\(own)/\(packages)", mode: 0o700)
        try PrivateFile.createDirectory("\(own)/bin", mode: 0o700)
        // It says where that Python's own library is.
        try FileManager.default.copyItem(atPath: "\(layer)/pyvenv.cfg", toPath: "\(own)/pyvenv.cfg")
        // Not a line with the path alone: the layer has such files of its own, which have to be read too.
        let line = "import site; site.addsitedir(\(Self.quoted("\(layer)/\(packages)")))\n"
        try PrivateFile.write(Data(line.utf8), to: "\(own)/\(packages)/lakebase_layer.pth")
        try Self.copyPrograms(from: layer, to: own)
        try PrivateFile.write(Data(layer.utf8), to: marker)
    }

    /// A string literal of Python.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacingExactly("\\", with: "\\\\").replacingExactly("'", with: "\\'") + "'"
    }

    /// Copies the programs of packages, which contain the path of their environment.
    private static func copyPrograms(from layer: String, to own: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: layer + "/bin") {
            let (source, target) = ("\(layer)/bin/\(name)", "\(own)/bin/\(name)")
            if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: source) {
                try FileManager.default.createSymbolicLink(atPath: target, withDestinationPath: link)
                continue
            }
            guard var data = FileManager.default.contents(atPath: source) else { continue }
            if data.starts(with: Data("#!".utf8)), let text = String(data: data, encoding: .utf8) {
                data = Data(Self.script(text, from: layer + "/bin/", to: own + "/bin/").utf8)
            }
            try PrivateFile.write(data, to: target)
            try PrivateFile.setMode(target, 0o700)
        }
    }

    /// A program of a package, adapted to another environment.
    static func script(_ text: String, from old: String, to new: String) -> String {
        let text = text.replacingExactly(old, with: new)
        guard text.startsExactly(with: "#!" + new), let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")) else {
            return text
        }
        let interpreter = String(text.unicodeScalars[..<end].dropFirst(2))
        // The system splits that line at spaces, and reads no more than so much of it. What pip writes then is Python
        // and shell at once.
        guard interpreter.utf8.contains(UInt8(ascii: " ")) || interpreter.utf8.count > 125 else { return text }
        var quoted = interpreter
        for special in ["\\", "\"", "$", "`"] { quoted = quoted.replacingExactly(special, with: "\\" + special) }
        return "#!/bin/sh\n'''exec' \"\(quoted)\" \"$0\" \"$@\"\n' '''" + text[end...]
    }

    /// Creates the folder, and checks that no other user can write to it.
    private static func claim(_ folder: String) throws {
        try PrivateFile.createDirectories(folder, mode: 0o700)
        guard let facts = try FileFacts.of(folder), facts.kind == .folder, facts.owner == geteuid(),
            facts.mode & 0o022 == 0
        else {
            throw AppExit(
                reason:
                    "The folder \(folder) is not this user's alone, so that others could put packages there; remove it, or "
                    + "name another one with LAKEBASE_CACHE_DIR")
        }
    }

    /// Removes layers that were not used for a long time.
    static func removeOld(in folder: String, now: Date) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)/\(Self.marker)")
            guard let used = attributes?[.modificationDate] as? Date, now.timeIntervalSince(used) > Self.keptTime else {
                continue
            }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }
}
