import { Observable, Subscription } from 'rxjs';

/**
 * Asks at once and again whenever something changed, one question at a time: changes during a question make one more
 * when it is answered, so that a slow answer is neither given up nor asked twice.
 */
export function following<T>(changes: Observable<unknown>, ask: (first: boolean) => Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    const subscriptions = new Subscription();
    let asking = false;
    let changed = false;
    const start = (first: boolean) => {
      asking = true;
      changed = false;
      subscriptions.add(
        ask(first).subscribe({
          next: (answer) => subscriber.next(answer),
          error: (err) => subscriber.error(err),
          complete: () => {
            asking = false;
            if (changed) {
              start(false);
            }
          },
        })
      );
    };
    start(true);
    subscriptions.add(
      changes.subscribe({
        next: () => {
          changed = true;
          if (!asking) {
            start(false);
          }
        },
        error: (err) => subscriber.error(err),
      })
    );
    return subscriptions;
  });
}
