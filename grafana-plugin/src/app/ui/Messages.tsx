import { css } from '@emotion/css';
import { Alert, Button } from '@grafana/ui';
import React, { ReactNode } from 'react';

interface ErrorsProps {
  title: string;
  errors: string[];
  retry?: () => void;
}

/** What the data source answered instead of data. */
export function Errors({ title, errors, retry }: ErrorsProps) {
  if (errors.length === 0) {
    return null;
  }
  return (
    <Alert severity="error" title={title}>
      {errors.map((error) => (
        <div key={error}>{error}</div>
      ))}
      {retry && (
        <Button size="sm" variant="secondary" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** What screen readers are told as it changes, and others see elsewhere. */
export function Announcement({ children }: { children: string }) {
  return (
    <p role="status" aria-live="polite" className={hidden}>
      {children}
    </p>
  );
}

const hidden = css({ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' });

/** What there is to say of a result, for the eye and for screen readers as it changes. */
export function Summary({ children }: { children: ReactNode }) {
  return (
    <p role="status" aria-live="polite">
      {children}
    </p>
  );
}
