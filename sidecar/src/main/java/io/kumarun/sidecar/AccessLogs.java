package io.kumarun.sidecar;

import io.kumarun.sidecar.settings.SettingCatalog;
import io.kumarun.sidecar.settings.Settings;
import io.kumarun.sidecar.settings.StartupException;
import io.kumarun.telemetry.AccessLogWriter;
import io.kumarun.telemetry.EnvoyAccessLogFormat;
import io.kumarun.telemetry.ProxyMetrics;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Opens the access log that the settings name. */
final class AccessLogs {
  private AccessLogs() {}

  /**
   * Opens a log in Envoy's default format.
   *
   * @throws StartupException if the file cannot be written
   */
  static AccessLogWriter open(String file, ProxyMetrics metrics) {
    return new AccessLogWriter(
        EnvoyAccessLogFormat.DEFAULT,
        sink(file),
        Thread.ofPlatform().daemon().name("access-log").factory(),
        metrics);
  }

  private static OutputStream sink(String file) {
    switch (file) {
      case "/dev/stdout" -> {
        return new Undisposed(new FileOutputStream(FileDescriptor.out));
      }
      case "/dev/stderr" -> {
        return new Undisposed(new FileOutputStream(FileDescriptor.err));
      }
      default -> {
        try {
          return new FileOutputStream(file, true);
        } catch (IOException e) {
          throw new StartupException(
              SettingCatalog.ACCESS_LOG.name()
                  + "="
                  + file
                  + ": cannot be written ("
                  + e.getMessage()
                  + "); name another file, or "
                  + Settings.ACCESS_LOG_OFF);
        }
      }
    }
  }

  /** Standard output belongs to the process, not to a sidecar in it. */
  private static final class Undisposed extends FilterOutputStream {
    Undisposed(OutputStream sink) {
      super(sink);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
