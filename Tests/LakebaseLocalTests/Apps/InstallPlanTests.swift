//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import ProgramLauncher
import TestSupport
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres

@Suite("What is installed for an app") struct InstallPlanTests {
    private func plan(_ files: [String: String]) throws -> InstallPlan {
        let folder = FileManager.default.temporaryDirectory.path + "/lakebase-plan.\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files {
            let file = URL(filePath: "\(folder)/\(name)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return InstallPlan(source: folder)
    }

    @Test func `files say it as on the platform`() throws {
        #expect(try self.plan([:]).node == nil && self.plan([:]).python == nil)
        #expect(try self.plan(["requirements.txt": "# none\n\n"]).python == nil)
        let both = try self.plan([
            "requirements.txt": "flask\npsycopg[binary,pool]\ndatabricks-sdk>=0.81.0 ; python_version > '3'\n",
            "pyproject.toml": "", "uv.lock": "", "package.json": #"{"scripts": {"build": "vite build"}}"#,
        ])
        #expect(both.python == .requirements(.files(["requirements.txt"])) && both.node == .init(builds: true))
        #expect(try self.plan(["pyproject.toml": "", "uv.lock": ""]).python == .lock)
        #expect(try self.plan(["pyproject.toml": ""]).python == nil)
        #expect(try self.plan(["package.json": "{"]).node == .init(builds: false))
    }

    @Test func `what is named decides what is installed anew, and the app's own files do not`() throws {
        let files = [
            "requirements.txt":
                "flask  # ./a.whl\n./wheels/a-1.0-py3-none-any.whl ; python_version > '3'\n-r more/list.txt\n",
            "more/list.txt": "psycopg\n-c limits.txt\n-r ../requirements.txt\n", "more/limits.txt": "psycopg<4\n",
            "wheels/a-1.0-py3-none-any.whl": "wheel", "app.py": "code",
        ]
        let named = ["requirements.txt", "wheels/a-1.0-py3-none-any.whl", "more/list.txt", "more/limits.txt"]
        #expect(try self.plan(files).python == .requirements(.files(named)))
        for line in [
            "./package", "-e .", "-r gone.txt", "../b.whl", "/b.whl", "-r ../list.txt", "--find-links wheels", ";",
            "-r",
        ] {
            let other = files.merging(["requirements.txt": "flask\n" + line]) { $1 }
            #expect(try self.plan(other).python == .requirements(.source), "\(line)")
        }
    }

    @Test(arguments: [
        ("flask", true), ("flask==3.0 # see docs/a.md", true), ("a @ https://example.com/a/b", true),
        ("./a.whl", false),
        ("-r base.txt", false), ("--find-links wheels", false), ("wheels/a.whl", false), ("a.whl", false),
        ("a @ file:///tmp/a", false), ("-e .", false),
    ]) func `a requirement that names a file depends on it`(line: String, isSelfContained: Bool) {
        #expect(InstallPlan.isSelfContained(line) == isSelfContained)
    }

    @Test(arguments: [
        "plain", "with a space", "with $HOME, `id`, \"quotes\" and \\", String(repeating: "long", count: 40),
    ])
    func `a program of a package runs in another environment wherever that is`(name: String) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/lakebase-script.\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bin = "\(folder)/\(name)/bin/"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        let python = try #require(ProgramSearch.find(["python3"], path: ChildProcess.plainEnvironment["PATH"]))
        try FileManager.default.createSymbolicLink(atPath: bin + "python3", withDestinationPath: python)
        let text = "#!/layer/bin/python3\n# Café\nimport sys\nprint(sys.argv[1:])\n"
        let script = AppInstaller.script(text, from: "/layer/bin/", to: bin)
        try ProgramFile.write(script, to: bin + "serve")
        let result = try await ChildProcess.run(bin + "serve", ["a b", "c"])
        #expect(result.status == 0 && result.output == "['a b', 'c']\n")
    }

    @Test func `installers get the way out and no credentials of the workspace`() {
        let environment = AppInstaller.environment(of: [
            "HOME": "/home/u", "PIP_INDEX_URL": "https://i", "https_proxy": "p", "DATABRICKS_TOKEN": "t",
            "PGPASSWORD": "p",
            "AWS_SECRET_ACCESS_KEY": "s",
        ])
        #expect(environment["HOME"] == "/home/u" && environment["PIP_INDEX_URL"] == "https://i")
        #expect(environment["https_proxy"] == "p" && environment["PATH"] != nil)
        #expect(
            !environment.keys.contains { ["DATABRICKS_TOKEN", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"].contains($0) })
        #expect(UserCache.folder(["LAKEBASE_CACHE_DIR": "/c", "HOME": "/h"]) == "/c")
        #expect(UserCache.folder(["XDG_CACHE_HOME": "/x", "HOME": "/h"]) == "/x/lakebase")
        #expect(UserCache.folder(["XDG_CACHE_HOME": "relative"]) == nil)
    }
}
