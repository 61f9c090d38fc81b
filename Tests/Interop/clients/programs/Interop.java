// lakebase-swift · Apache License 2.0 · see LICENSE

import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** Uses a database through JDBC, as the environment names it, and prints one line for each thing seen. */
public class Interop {
    public static void main(String[] arguments) throws Exception {
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/"
            + System.getenv("PGDATABASE") + "?sslmode=verify-full&sslrootcert=" + System.getenv("PGSSLROOTCERT");
        String user = System.getenv("PGUSER");
        try (Connection connection = DriverManager.getConnection(url, user, System.getenv("PGPASSWORD"))) {
            System.out.println("user " + text(connection, "SELECT session_user"));
            try (PreparedStatement statement = connection.prepareStatement("SELECT ?::int + 1")) {
                for (int number = 0; number < 10; number++) {
                    statement.setInt(1, number);
                    try (ResultSet rows = statement.executeQuery()) {
                        rows.next();
                        if (rows.getInt(1) != number + 1) throw new IllegalStateException("wrong answer");
                    }
                }
            }
            connection.setAutoCommit(false);
            PGConnection postgres = connection.unwrap(PGConnection.class);
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TEMP TABLE row (id int)");
            }
            long copied = postgres.getCopyAPI().copyIn("COPY row FROM STDIN", new StringReader("1\n2\n3\n"));
            StringWriter out = new StringWriter();
            postgres.getCopyAPI().copyOut("COPY row TO STDOUT", out);
            System.out.println("copied " + copied + " " + out.toString().replace("\n", ","));
            connection.rollback();
            connection.setAutoCommit(true);
            // The driver sends a plain cancel request over a connection of its own.
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                statement.execute("SELECT pg_sleep(30)");
                System.out.println("cancelled never");
            } catch (SQLException error) {
                System.out.println("cancelled " + error.getSQLState());
            }
            System.out.println("alive " + text(connection, "SELECT 1"));
        }
        try {
            DriverManager.getConnection(url, user, "not a token").close();
        } catch (SQLException error) {
            System.out.println("refused " + error.getSQLState());
        }
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
