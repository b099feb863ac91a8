import React from 'react';
import { useStyles2 } from '@grafana/ui';
import { viewStyles } from './viewStyles';

/** What people should know of the data, and of a definition that could not be drawn as it was written. */
export function Notices({ notices, messages }: { notices: string[]; messages: string[] }) {
  const styles = useStyles2(viewStyles);
  if (notices.length + messages.length === 0) {
    return null;
  }
  return (
    <div className={styles.notices} role="note">
      {notices.map((notice) => (
        <span key={notice}>{notice}</span>
      ))}
      {messages.length === 1 && <span>{messages[0]}</span>}
      {messages.length > 1 && (
        <details>
          <summary>{messages.length} notes on the definition</summary>
          <ul>
            {messages.map((message) => (
              <li key={message}>{message}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
