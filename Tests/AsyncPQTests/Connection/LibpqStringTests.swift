//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Secrets
import Testing

@testable import AsyncPQ

private typealias Configuration = PQConnection.Configuration

/// Connection strings as libpq's own parser reads them.
@Suite("Connection strings as libpq reads them")
struct LibpqStringTests {
    static let readable: [String] = [
        "", " ", "postgresql://", "postgres://", "postgresql:///", "postgresql:///notes", "postgresql://db",
        "postgresql://db/", "postgresql://db/notes", "postgresql://db:5433", "postgresql://db:5433/notes",
        "postgresql://ada@db", "postgresql://ada@db:5433/notes", "postgresql://ada:pw@db/notes",
        "postgresql://ada:@db/notes", "postgresql://:pw@db/notes", "postgresql://:@db", "postgresql://@db",
        "postgresql://ada:p%40%3A%2F%3F@db/notes", "postgresql://ada:a?b@db/notes?connect_timeout=7",
        "postgresql://%61da@d%62/%6eotes", "postgresql://ada@db/notes%20and%20more", "postgresql://db/notes/more",
        "postgresql://[::1]", "postgresql://[::1]:5433/notes", "postgresql://ada@[fe80::1%25eth0]/notes",
        "postgresql://db:/notes", "postgresql://:5433/notes", "postgresql://ada@/notes",
        "postgresql://%2Fvar%2Frun%2Fpg", "postgresql://%2Fvar%2Frun%2Fpg:5433/notes",
        "postgresql:///notes?host=/var/run/pg&port=5433", "postgresql://ada@?host=db", "postgresql://?user=ada",
        "postgresql://db?user=ada&password=p%26w", "postgresql://db/notes?sslmode=verify-full",
        "postgresql://db/notes?ssl=true", "postgresql://db/notes?user=bob&user=ada", "postgresql://ada@db?user=bob",
        "postgresql://db1,db2", "postgresql://db1:1,db2:2,db3:3/notes", "postgresql://db1,db2:5433/notes",
        "postgresql://ada:pw@[::1]:1,10.0.0.1:2/notes", "postgresql://db1:1,:2/notes", "postgresql://,db2/notes",
        "postgresql://db1,db2/notes?target_session_attrs=read-write", "postgresql://db/notes?channel_binding=require",
        "postgresql://db/notes?options=-c%20geqo%3Doff", "postgresql://db/?application_name=a+b",
        "postgresql://db/notes?connect_timeout=10&keepalives=0&tcp_user_timeout=500",
        "postgresql://db/notes?client_encoding=utf8", "postgresql://db/notes?hostaddr=10.0.0.1",
        "host=db", "host = db user = ada", "host='db' user='a d a'", "user='it\\'s' password='a\\\\b'",
        "user=a\\ b dbname=c\\'d", "host=db port=' 5433 '", "host=db1,db2 port=1,2", "host=db1,db2 port=5433",
        "host=db1,,db3 port=,2,", "hostaddr=10.0.0.1", "hostaddr=10.0.0.1,::1 port=1,2",
        "host=db1,db2 hostaddr=10.0.0.1,", "host=/tmp,db", "host=@abstract", "host='' dbname=''",
        "dbname=notes user=ada password='' sslmode=require", "\tuser=ada\n\rdbname=notes\n", "user=ada user=bob",
        "dbname=postgresql://db", "host=db sslcert=/c sslkey=/k sslpassword=pw sslcrl=/r sslcrldir=/d sslsni=0",
        "host=db ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.3 requirepeer=pg passfile=/p",
        "host=db gssencmode=prefer krbsrvname=pg gsslib=gssapi keepalives_interval=5 keepalives_count=3",
        "host=db keepalives_idle=99 fallback_application_name=tool sslcompression=0 replication=off",
        "host=db sslrootcert=/roots.pem connect_timeout=1 options='-c geqo=off'",
    ]

    @Test(arguments: Self.readable)
    func `what is connected to is what libpq's parser reads`(text: String) throws {
        let expected = try ConnectionParameters.parseByLibpq(text.withoutLineEnd)
        let configuration = try Configuration(connectionString: Secret(text))
        #expect(Self.canonical(configuration) == Self.canonical(expected))
    }

    static let unreadable: [String] = [
        "postgresql://db:port", "postgresql://db:0", "postgresql://db:65536", "postgresql://[::1", "postgresql://[]",
        "postgresql://[::1]x", "postgresql://ada@db/%zz", "postgresql://ada@db/%4", "postgresql://ada@db/%00",
        "postgresql://db/notes?user", "postgresql://db/notes?user=a=b", "postgresql://db/notes?nothing=1",
        "postgresql://db/notes?&user=ada", "postgresql://db?zzz", "postgresql:/db", "postgresqlx://db",
        "POSTGRESQL://db",
        "jdbc:postgresql://db", "db", "host", "host db", "host=db nothing=1", "host='db", "=db", "host=db user='a\\",
        "host=db port=x", "host=db port=-1", "host=db sslmode=strict", "host=db connect_timeout=soon",
        "postgresql://db/notes?load_balance_hosts", "host=db load_balance_hosts='random",
    ]

    @Test(arguments: Self.unreadable)
    func `what libpq refuses is refused, without quoting it`(text: String) throws {
        let error = try #require(throws: PQError.self) {
            try Configuration(connectionString: Secret(text + " hunter2"))
        }
        #expect(error.code == .invalidConfiguration && !"\(error)".contains("hunter2"), "\(error)")
    }

    @Test(arguments: [
        ("host=a,b load_balance_hosts=random user=ada", "host=a,b user=ada"),
        ("host=a,b  load_balance_hosts = 'random' user='a\\' b'", "host=a,b user='a\\' b'"),
        ("load_balance_hosts=random", ""),
        ("load_balance_hosts=disable load_balance_hosts=random host=a", "host=a"),
        (
            "postgresql://ada:a?load_balance_hosts=x@a,b/notes?load_balance_hosts=random&user=bob",
            "postgresql://ada:a?load_balance_hosts=x@a,b/notes?user=bob"
        ),
        ("postgresql://a,b?load%5Fbalance_hosts=random", "postgresql://a,b"),
        ("postgresql:///notes?port=1&load_balance_hosts=r%61ndom&host=/tmp", "postgresql:///notes?port=1&host=/tmp"),
    ])
    func `a keyword that this libpq does not have yet is understood all the same`(text: String, rest: String) throws {
        let split = NewerKeywords(in: text, names: ["load_balance_hosts"])
        #expect(split.values == ["load_balance_hosts": "random"])
        let read = try ConnectionParameters.parseByLibpq(split.rest)
        #expect(try read == ConnectionParameters.parseByLibpq(rest))
        var configuration = try Configuration(connectionString: Secret(text))
        #expect(configuration.loadBalancing == .random)
        configuration.loadBalancing = .disable
        #expect(Self.canonical(configuration) == Self.canonical(read))
    }

    @Test func `a keyword that only a newer libpq has is refused where it would have an effect`() throws {
        for keyword in LibpqKeywords.newer where !keyword.harmless.isEmpty {
            for value in keyword.harmless {
                _ = try Configuration(connectionString: Secret("host=db \(keyword.name)='\(value)'"))
            }
            let error = try #require(throws: PQError.self) {
                try Configuration(connectionString: Secret("postgresql://db/notes?\(keyword.name)=strict"))
            }
            #expect("\(error)".contains("\(keyword.name), which needs libpq \(keyword.version / 10_000)"), "\(error)")
        }
        // libpq 15 stands for all that are older than 17.
        guard !LibpqKeywords.knownNames.contains("sslnegotiation") else { return }
        #expect(throws: PQError.self) { try Configuration(connectionString: Secret("host=db sslnegotiation=direct")) }
    }

    @Test func `the system's trust store stands for verifying the name, as in libpq`() throws {
        #expect(try Configuration(connectionString: Secret("host=db sslrootcert=system")).tls == .verifyFull)
    }

    @Test func `a parameter with a property of its own cannot be given as a raw one`() throws {
        var configuration = try Configuration(connectionString: Secret("host=db"))
        for keyword in ["host", "sslmode", "options", "nothing"] {
            configuration.libpqParameters = [keyword: "x"]
            let error = #expect(throws: PQError.self) { try configuration.validate() }
            #expect(error?.code == .invalidConfiguration)
        }
        configuration.libpqParameters = ["channel_binding": "prefer", "keepalives": "1"]
        try configuration.validate()
    }

    // MARK: One form for both

    /// What libpq makes of its parser's answer: lists with one entry for each host, and its defaults.
    private static func canonical(_ values: [String: String]) -> [String: String] {
        var values = values.filter { !$0.value.isEmpty }
        func list(_ keyword: String) -> [String]? {
            values[keyword]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (names, addresses) = (list("host"), list("hostaddr"))
        let count = names?.count ?? addresses?.count ?? 1
        let ports = list("port") ?? [""]
        values["host"] = (0..<count).map { index in
            let (name, address) = (names?[index] ?? "", addresses?[index] ?? "")
            return name.isEmpty ? (address.isEmpty ? LibpqEnvironment.defaultHost : address) : name
        }.joined(separator: ",")
        values["hostaddr"] = (0..<count).map { index in
            names?[index].isEmpty ?? true ? "" : addresses?[index] ?? ""
        }.joined(separator: ",")
        values["port"] = (0..<count).map { index in
            let port = ports.count == 1 ? ports[0] : ports[index]
            return port.isEmpty ? "5432" : port.filter(\.isNumber)
        }.joined(separator: ",")
        values["user"] = values["user"] ?? OperatingSystemUser.name
        values["dbname"] = values["dbname"] ?? values["user"]
        values["sslmode"] = values["sslmode"] ?? "prefer"
        values["target_session_attrs"] = values["target_session_attrs"] ?? "any"
        values["application_name"] = values["application_name"] ?? values["fallback_application_name"]
        values["connect_timeout"] = values["connect_timeout"].map { "\(max(2, Int($0) ?? 0))" } ?? "10"
        for keyword in ["client_encoding", "replication", "fallback_application_name"] { values[keyword] = nil }
        return values
    }

    private static func canonical(_ configuration: Configuration) -> [String: String] {
        var values = configuration.libpqParameters
        values["host"] = configuration.hosts.map(\.name).joined(separator: ",")
        values["hostaddr"] = configuration.hosts.map { $0.address ?? "" }.joined(separator: ",")
        values["port"] = configuration.hosts.map { "\($0.port)" }.joined(separator: ",")
        values["user"] = configuration.username
        values["dbname"] = configuration.database
        values["password"] = configuration.password?.withUnsafeValue { $0 }
        values["sslpassword"] = configuration.keyPassphrase?.withUnsafeValue { $0 }
        values["sslmode"] = configuration.tls.rawValue
        values["sslrootcert"] = configuration.rootCertificate
        values["application_name"] = configuration.applicationName
        values["options"] = configuration.startupOptions
        values["target_session_attrs"] = configuration.targetSession.rawValue
        values["connect_timeout"] = "\(configuration.connectTimeout.components.seconds)"
        if configuration.loadBalancing != .disable { values["load_balance_hosts"] = "random" }
        return values.filter { !$0.value.isEmpty || $0.key == "hostaddr" }
    }
}

extension String {
    /// As files and secrets end.
    fileprivate var withoutLineEnd: String { Secret(self).withoutLineEnd.withUnsafeValue { $0 } }
}
