import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { lazy, Suspense } from 'react';
import type { Props } from './WorkflowWithDrawer';

// Most of the drawing's code is needed on no other page.
const WorkflowWithDrawer = lazy(() => import('./WorkflowWithDrawer'));

/** The drawing of a workflow on a page, in a frame of its own height. */
export function Workflow(props: Props) {
  return (
    <div className={useStyles2(getStyles)}>
      <Suspense fallback={<p>Loading the drawing…</p>}>
        <WorkflowWithDrawer {...props} />
      </Suspense>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) =>
  css({
    display: 'flex',
    height: 'min(70vh, 640px)',
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.borderRadius(),
    overflow: 'hidden',
    marginBottom: theme.spacing(1),
  });
