import React, { memo } from 'react';
import { NodeProps } from '@xyflow/react';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { Status } from '../states';
import { BoxButton } from './BoxButton';
import { boxStyles } from './boxStyles';
import { BoxData, BoxNode } from './elements';
import { Facts, RetryBadge } from './Facts';
import { StatusIcon } from './StatusIcon';
import { TypeIcon } from './TypeIcon';

// The boxes of the drawing: React Flow makes a component each of those that can be seen.

export const StateBox = memo(function StateBox({ id, data }: NodeProps<BoxNode>) {
  const look = useLook(data);
  return (
    <BoxButton id={id} data={data} className={look.box}>
      <Bars data={data} />
      <Title data={data} />
      {!data.compact && (
        <>
          <span className={look.styles.resource}>
            {data.state.starts ? `⧉ ${data.state.starts}` : data.state.resource}
          </span>
          <Facts data={data} className={look.styles.facts} />
        </>
      )}
    </BoxButton>
  );
});

export const ContainerBox = memo(function ContainerBox({ id, data }: NodeProps<BoxNode>) {
  const look = useLook(data);
  return (
    <div className={look.container}>
      <BoxButton id={id} data={data} className={look.header}>
        <Bars data={data} />
        <Title data={data} />
        {!data.compact && <Facts data={data} className={look.styles.facts} />}
      </BoxButton>
    </div>
  );
});

export const MarkBox = memo(function MarkBox({ data }: NodeProps<BoxNode>) {
  const styles = useStyles2(boxStyles);
  return <div className={styles.mark}>{data.state.name}</div>;
});

function Title({ data }: { data: BoxData }) {
  const styles = useStyles2(boxStyles);
  const { colors } = useTheme2();
  return (
    <span className={styles.title}>
      <TypeIcon type={data.state.type} />
      <span className={styles.name}>{data.state.name}</span>
      {data.state.distributed && <span className={styles.badge}>distributed</span>}
      <RetryBadge data={data} className={styles.badge} />
      <span className={styles.status}>
        {data.mode === 'execution' && <StatusIcon status={statusOf(data)} inverse={colors.background.primary} />}
      </span>
    </span>
  );
}

/** In the aggregate: how bad it is, and how long it takes, as lengths. */
function Bars({ data }: { data: BoxData }) {
  const styles = useStyles2(boxStyles);
  if (data.mode !== 'aggregate' || data.run === undefined) {
    return null;
  }
  return (
    <>
      <span className={styles.heat} style={{ opacity: data.heat === 0 ? 0 : 0.08 + 0.3 * data.heat }} />
      <span className={styles.p95} style={{ width: `${100 * data.p95Share}%` }} />
    </>
  );
}

const statusOf = ({ run }: BoxData): Status => run?.status ?? 'NOT_REACHED';

function useLook(data: BoxData) {
  const styles = useStyles2(boxStyles);
  const look = data.mode === 'aggregate' ? styles.plain : styles[statusOf(data)];
  const kind = data.state.type === 'Missing' ? styles.missing : look;
  return {
    styles,
    box: `${styles.box} ${kind}`,
    container: `${styles.container} ${kind}`,
    header: `${styles.header}`,
  };
}

export const boxTypes = { box: StateBox, container: ContainerBox, mark: MarkBox };
