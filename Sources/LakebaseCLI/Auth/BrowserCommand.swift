//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import ProgramLauncher

/// The program that shows a page to people.
enum BrowserCommand {
    /// The commands to try, the first that there is first.
    ///
    /// `BROWSER` names them, divided by colons, as Python's `webbrowser` and `xdg-open` read it: `%s` stands for the address, which comes last where it
    /// does not occur. A name of no program, such as `none`, opens nothing.
    static func commands(for address: String, environment: [String: String]) -> [[String]] {
        let named = (environment["BROWSER"] ?? "").split(separator: ":").map { command in
            command.split(separator: " ").map(String.init)
        }.filter { !$0.isEmpty }
        guard !named.isEmpty else {
            #if os(macOS)
            return [["open", address]]
            #else
            return [["xdg-open", address]]
            #endif
        }
        return named.map { words in
            let filled = words.map { $0.replacing("%s", with: address) }
            return filled == words ? words + [address] : filled
        }
    }

    /// Opens the address; where there is no browser, people have the address.
    static func open(_ address: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
        for command in self.commands(for: address, environment: environment) {
            guard let program = command.first.flatMap({ self.program($0, path: environment["PATH"] ?? "") }) else {
                continue
            }
            // In a session of its own: a browser that this starts stays when the login is given up with Ctrl-C.
            let browser = try? ChildProcess.spawn(program, Array(command.dropFirst()), environment: environment)
            if browser != nil { return }
        }
    }

    private static func program(_ name: String, path: String) -> String? {
        if name.contains("/") { return name }
        return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
    }
}
