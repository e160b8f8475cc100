// Verifying a file here, in the browser, by the same code as the service's; asked of the service is only its serial.

import { get, Problem } from '../api.js';
import { h, say, show } from '../dom.js';
import { t, told } from '../lang.js';
import { chooser, facts, notice } from '../parts.js';
import { ofFile } from '../upload/digest.js';

export default async function verify({ signal }) {
  const result = h('div', { class: 'stack', id: 'result' });
  const check = async ([file]) => {
    show(result, h('p', { class: 'wait' }, t('verify.working')));
    let report;
    try {
      const { verified } = await import('../verifier.js');
      report = await verified(file);
    } catch {
      show(result, notice(t('verify.missing')));
      return;
    }
    const sha256 = await ofFile(file);
    if (signal.aborted) return;
    const online = h('div', {});
    show(result, ...view(file, report, sha256), online);
    say(told(report, 'summary'));
    result.querySelector('h2')?.focus();
    if (report.stamps.length) show(online, recorded(await ask(report, sha256, signal)));
  };
  return {
    title: t('verify.title'),
    content: [h('p', { class: 'lead' }, t('verify.lead')), chooser({ id: 'file', text: t('verify.choose'), hint: t('verify.drop'), chosen: check }), result],
  };
}

function view(file, report, sha256) {
  const kind = report.valid ? 'good' : 'bad';
  const word = report.valid ? 'verify.valid' : report.readable ? 'verify.invalid' : 'verify.unreadable';
  return [
    h('section', { class: `card verdict ${kind}` },
      h('h2', { tabindex: -1 }, t(word)),
      h('p', { class: 'name' }, file.name),
      h('p', {}, told(report, 'summary')),
      report.stamps.length ? h('ul', {}, report.stamps.map((stamp) => h('li', {}, told(stamp, 'sentence')))) : null,
      report.other_signatures.length
        ? [h('h3', {}, t('verify.others')), h('ul', {}, report.other_signatures.map((other) => h('li', {}, told(other, 'sentence'))))]
        : null),
    facts([[t('verify.sha256'), h('code', {}, sha256)]]),
  ];
}

const recorded = (said) => facts([[t('verify.online'), t(`verify.online.${said}`)]]);

async function ask(report, sha256, signal) {
  const { serial } = report.stamps.at(-1);
  try {
    const found = await get(`/v1/verify/${encodeURIComponent(serial)}`, { signal });
    return found.stamped_sha256 === sha256 ? 'same' : 'other';
  } catch (error) {
    return error instanceof Problem && error.status === 404 ? 'none' : 'unknown';
  }
}
