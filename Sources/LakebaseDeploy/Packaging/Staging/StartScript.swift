//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Digests
internal import ExactText

/// The shell script that puts a program together and starts it.
///
/// It uses what every Ubuntu and Debian has: a POSIX shell, coreutils, tar and gzip. It needs no right to write in its own
/// folder, and the program takes its place, so that signals reach it.
struct StartScript: Sendable, Equatable {
    /// The file's name.
    static let name = "start.sh"

    /// An archive, in parts.
    struct Archive: Sendable, Equatable {
        var name: String
        var parts: [StagedApp.File]
    }

    /// The program's name.
    var program: String
    /// The dynamic loader's name.
    var loader: String
    var archives: [Archive]
    /// The files that come out of the archives.
    var contents: [StagedApp.File]

    /// The name of the folder that it is all put into: the same for the same files, and another for others.
    var folderName: String {
        let name = self.program.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" }
        return "lakebase-\(String(name))-\(SHA256Hash(ofText: self.list(self.contents)).hex(bytes: 8))"
    }

    /// The script.
    var text: String {
        let parts = self.archives.flatMap(\.parts)
        let extractions = self.archives.map { "extract \($0.parts.map(\.path).joined(separator: " ")) || return 1" }
        let megabytes = (self.contents.reduce(0) { $0 + $1.size } + 999_999) / 1_000_000
        return #"""
            #!/bin/sh
            # Starts a program. Written by lakebase deploy package, which replaces it.
            #
            # The program, its libraries and the C library it was built with are in the parts beside this script. They are put
            # together once, in a temporary folder that has their checksum in its name, and started from there.
            set -eu
            PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}
            program=\#(Self.quoted(self.program))
            loader=\#(Self.quoted(self.loader))
            folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
            name=\#(Self.quoted(self.folderName))-$(id -u)
            new=

            tell() { printf 'start.sh: %s\n' "$*" >&2; }

            parts() {
                cat <<'LIST'
            \#(self.list(parts))
            LIST
            }

            contents() {
                cat <<'LIST'
            \#(self.list(self.contents))
            LIST
            }

            # Whether a folder is ours alone and has every file as it should be.
            is_whole() {
                [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
                contents | (cd "$1" && sha256sum --check --status -) >/dev/null 2>&1
            }

            check_parts() {
                for part in \#(parts.map(\.path).joined(separator: " ")); do
                    if [ ! -f "$folder/$part" ]; then
                        tell "the part $part is missing in $folder; upload the folder again: lakebase deploy apply"
                        exit 1
                    fi
                done
                if ! damaged=$(parts | (cd "$folder" && LC_ALL=C sha256sum --check --quiet - 2>/dev/null)); then
                    tell "a part is damaged, upload the folder again with lakebase deploy apply: $damaged"
                    exit 1
                fi
            }

            extract() {
                for part; do cat "$folder/$part"; done | gzip -dc |
                    tar -xf - -C "$new" --no-same-owner --no-same-permissions
            }

            # Unpacks below a folder, where nobody else sees it, and sets new.
            unpack() {
                # What separates folders for the loader.
                case $1 in *[:\;]*) return 1 ;; esac
                new=$(mktemp -d "$1/$name.XXXXXX" 2>/dev/null) || { new=; return 1; }
                extract_all 2>/dev/null && is_whole "$new" && "$new/bin/$loader" --verify "$new/bin/$program" && return 0
                rm -rf "$new"
                new=
                return 1
            }

            extract_all() {
                \#(extractions.joined(separator: "\n    "))
            }

            # Finds or makes the folder with the program, and sets app.
            place() {
                for base; do
                    app=$base/$name
                    if is_whole "$app"; then return 0; fi
                done
                check_parts
                for base; do
                    unpack "$base" || continue
                    app=$base/$name
                    # Another start may have been faster. What it made is as good, unless it was damaged since.
                    if ! mv -T "$new" "$app" 2>/dev/null; then
                        if is_whole "$app"; then
                            rm -rf "$new"
                        else
                            tell "$app is damaged or not ours; remove it. Starting from $new"
                            app=$new
                        fi
                    fi
                    new=
                    return 0
                done
                tell "cannot unpack and run a program in any of: $*; set TMPDIR to a folder with \#(megabytes) MB free"
                exit 1
            }

            mask=$(umask)
            umask 077
            trap '[ -z "$new" ] || rm -rf "$new"' EXIT
            trap 'exit 129' HUP
            trap 'exit 130' INT
            trap 'exit 143' TERM
            place "${TMPDIR:-/tmp}" /tmp /var/tmp "$folder"
            umask "$mask"
            exec "$app/bin/$loader" --inhibit-cache --library-path "$app/lib" "$app/bin/$program" "$@"

            """#
    }

    /// Lines as `sha256sum --check` reads them.
    private func list(_ files: [StagedApp.File]) -> String {
        files.map { "\($0.sha256)  \($0.path)" }.joined(separator: "\n")
    }

    /// A text as the shell takes it for one word.
    static func quoted(_ text: String) -> String {
        "'\(text.splitExactly(at: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
    }
}
