package io.kumarun.sidecar;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * What signals mean, as to kuma-dp: the first SIGTERM or SIGINT ends in good order, a second cuts
 * the wait short, a third leaves everything as it is and exits with 1. SIGUSR2, before the end has
 * begun, drains inbound. A shutdown hook could do none of this: it would leave exit code 143, and
 * see no second signal.
 */
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private final Runnable end;
  private final Runnable hurry;
  private final Runnable drain;
  private int stops;

  private Signals(Runnable end, Runnable hurry, Runnable drain) {
    this.end = end;
    this.hurry = hurry;
    this.drain = drain;
  }

  /** Takes over the signals of this process; the actions run on a thread of the JVM, in order. */
  static void handle(Runnable end, Runnable hurry, Runnable drain) {
    Signals signals = new Signals(end, hurry, drain);
    Signal.handle(new Signal("TERM"), signals::stop);
    Signal.handle(new Signal("INT"), signals::stop);
    try {
      Signal.handle(new Signal("USR2"), signals::drain);
    } catch (IllegalArgumentException e) {
      LOG.warn("SIGUSR2 will not drain, the JVM keeps that signal for itself");
    }
  }

  private synchronized void stop(Signal signal) {
    stops++;
    switch (stops) {
      case 1 -> {
        LOG.info("SIG{}: ending; a second signal cuts the wait short", signal.getName());
        end.run();
      }
      case 2 -> {
        LOG.info("SIG{} again: not waiting any longer", signal.getName());
        hurry.run();
      }
      default -> Runtime.getRuntime().halt(1);
    }
  }

  private synchronized void drain(Signal signal) {
    if (stops == 0) {
      LOG.info("SIG{}: draining", signal.getName());
      drain.run();
    }
  }
}
